/** The tests' name for the clock that users' tests have too. */
export { ManualClock as FakeClock } from '../../src/manual-clock.ts'
