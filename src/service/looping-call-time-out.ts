/** A looping call went on for longer than its timeout, or would have. */
export class LoopingCallTimeOut extends Error {
  override readonly name = 'LoopingCallTimeOut'

  constructor(seconds: number) {
    super(`Looping call timed out after ${seconds.toFixed(2)} seconds`)
  }
}
