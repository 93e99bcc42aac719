/** Controls, but for the ends of lines and tabs, and what turns the direction of a text around. */
const SPEAKS_TO_TERMINAL = /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu

/**
 * A text for a terminal, which some characters of a file, or of what a client sent, would speak to instead of being shown. They are written
 * as in JSON, `\u001b`, so that JSON stays what it was.
 */
export function printable(text: string): string {
  return text.replace(SPEAKS_TO_TERMINAL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
