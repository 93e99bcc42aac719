/** Something this machine does not have: what needs it is left out, with this message in its place. */
export class Missing extends Error {
  name = 'Missing'
}
