import { expect, test } from 'vitest'
import type { Filter } from '../../src/app.ts'
import { composePipeline } from '../../src/compose/pipeline.ts'
import { makeRequest } from '../support/make-request.ts'

const tag = (name: string): Filter => (next) => (request) => {
  const reply = next(request) as { body: string }
  return { body: `${name}(${reply.body})` }
}

test('the first filter is outermost', () => {
  const app = composePipeline([tag('f1'), tag('f2')], () => ({ body: 'app' }))
  expect(app(makeRequest())).toEqual({ body: 'f1(f2(app))' })
})

test('no filters leave the app as it is', () => {
  const app = tag('app')(() => ({}))
  expect(composePipeline([], app)).toBe(app)
})

test('filters are called once, when the pipeline is composed', () => {
  let composed = 0
  const app = composePipeline([(next) => (composed++, next)], () => ({}))
  void app(makeRequest())
  void app(makeRequest())
  expect(composed).toBe(1)
})
