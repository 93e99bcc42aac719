import type { WorkItem } from '../service/service-base.ts'

/** Work that can say what it is and how far it has come. */
export interface Unfinished {
  /** Seconds since it began, to within a tick. */
  readonly age: number
  describe(): WorkItem
}

/** The oldest first. */
export function describeAll(unfinished: Iterable<Unfinished>): WorkItem[] {
  return [...unfinished].toSorted((one, other) => other.age - one.age).map((each) => each.describe())
}
