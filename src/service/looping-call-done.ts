/** Thrown by the function of a looping call, ends the loop; `wait()` then resolves with `value`. */
export class LoopingCallDone extends Error {
  override readonly name = 'LoopingCallDone'
  readonly value: unknown

  /** Without an argument the value is true; an undefined that is given stays one. */
  constructor(...given: [value?: unknown]) {
    super('the looping call is done')
    this.value = given.length === 0 ? true : given[0]
  }
}
