/** An app or a filter does not keep to the contract of `app.ts`. The message says which side of it, and what was found. */
export class ContractError extends TypeError {
  override readonly name = 'ContractError'

  constructor(side: 'request' | 'reply', message: string) {
    super(`the contract of the ${side} is broken: ${message}`)
  }
}

/** One rule of the contract: undefined when it is kept, else what is wrong. */
export type Rule<T extends unknown[]> = (...given: T) => string | undefined

/** Throws {@link ContractError} for the first rule that is not kept. */
export function checkRules<T extends unknown[]>(side: 'request' | 'reply', rules: readonly Rule<T>[], ...given: T): void {
  for (const rule of rules) {
    const fault = rule(...given)
    if (fault !== undefined) throw new ContractError(side, fault)
  }
}
