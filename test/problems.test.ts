import { describe, expect, test } from 'vitest'
import { ConfigError } from '../src/errors.ts'
import { Problems } from '../src/problems.ts'

function fail(message: string): never {
  throw new ConfigError({ message })
}

function bug(): never {
  throw new TypeError('bug')
}

/** What `throwAny` throws; undefined when it throws nothing. */
function thrownBy(problems: Problems): unknown {
  try {
    problems.throwAny()
  } catch (error) {
    return error
  }
  return undefined
}

describe('problems', () => {
  test('are thrown together, each once and in their order', async () => {
    const problems = new Problems()
    problems.try(() => fail('one'))
    await problems.tryAsync(async () => fail('two'))
    problems.try(() => fail('one'))
    expect(problems.count).toBe(2)
    const error = thrownBy(problems)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ message: 'one\ntwo', problem: { message: 'one' }, problems: [{ message: 'one' }, { message: 'two' }] })
  })

  test('are the error itself when there is one', () => {
    const problems = new Problems()
    const error = new ConfigError([{ message: 'one' }, { message: 'two' }])
    problems.add(error)
    expect(thrownBy(problems)).toBe(error)
  })

  test('are none when all went well', async () => {
    const problems = new Problems()
    expect(problems.try(() => 1)).toBe(1)
    expect(await problems.tryAsync(async () => 2)).toBe(2)
    expect(thrownBy(problems)).toBeUndefined()
  })

  test('are only ConfigErrors: any other goes through', async () => {
    expect(() => new Problems().try(bug)).toThrow('bug')
    await expect(new Problems().tryAsync(async () => bug())).rejects.toThrow('bug')
  })
})
