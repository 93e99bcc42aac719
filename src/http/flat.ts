/**
 * The same latin1 text as one string. V8 keeps what was put together as a tree of its parts, which every write would walk again: for texts
 * made once and sent often.
 */
export function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
