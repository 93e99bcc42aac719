import { type as arktype } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import type { HttpReply, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { HttpError } from '../../src/errors.ts'
import { faultwrap } from '../../src/middleware/faultwrap.ts'
import { Router } from '../../src/router/router.ts'
import type { RouteSchemas } from '../../src/router/route.ts'
import { faultReply } from '../../src/fault-reply.ts'
import { makeRequest } from '../support/make-request.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
type Sent = { content?: string; headers?: Record<string, string>; queryString?: string }

function post(router: Router, { headers = JSON_TYPE, ...more }: Sent = {}, path = '/servers/7'): ReturnType<Router['app']> {
  return lintApp(router.app)(makeRequest({ method: 'POST', rawPathInfo: path, headers, ...more }))
}

async function failure(answer: () => unknown): Promise<HttpError> {
  try {
    await answer()
  } catch (error) {
    if (error instanceof HttpError) return error
    throw error
  }
  throw new Error('it was answered')
}

const seen = (schemas: RouteSchemas): Router => new Router().post('/servers/:id', schemas, (_request, input) => ({ body: { input } }))

const libraries: readonly [name: string, schemas: RouteSchemas][] = [
  [
    'zod',
    {
      body: z.object({ server: z.object({ name: z.string(), tags: z.array(z.string()).default([]) }) }),
      query: z.object({ limit: z.coerce.number().int().optional(), tag: z.array(z.string()).optional() }),
      params: z.object({ id: z.coerce.number() }),
    },
  ],
  [
    'valibot',
    {
      body: v.object({ server: v.object({ name: v.string(), tags: v.optional(v.array(v.string()), []) }) }),
      query: v.object({ limit: v.optional(v.pipe(v.string(), v.transform(Number), v.integer())), tag: v.optional(v.array(v.string())) }),
      params: v.object({ id: v.pipe(v.string(), v.transform(Number), v.number()) }),
    },
  ],
  [
    'arktype',
    {
      body: arktype({ server: { name: 'string', tags: arktype('string[]').default(() => []) } }),
      query: arktype({ 'limit?': 'string.integer.parse', 'tag?': 'string[]' }),
      params: arktype({ id: 'string.numeric.parse' }),
    },
  ],
]

describe.each(libraries)('schemas of %s', (_name, schemas) => {
  test('give the handler what they made of body, query and parameters', async () => {
    const reply = await post(seen(schemas), { content: '{"server": {"name": "one"}}', queryString: 'limit=5&tag=a&tag=b' })
    expect(reply.body).toEqual({ input: { body: { server: { name: 'one', tags: [] } }, query: { limit: 5, tag: ['a', 'b'] }, params: { id: 7 } } })
  })

  test('tell the path of every fault, in all three', async () => {
    const error = await failure(() => post(seen(schemas), { content: '{"server": {"name": 1, "tags": ["a", 2]}}', queryString: 'limit=x' }, '/servers/x'))
    expect(error.status).toBe(400)
    const faults = error.problem['errors'] as { in: string; pointer: string; detail: string }[]
    expect(faults.map((fault) => [fault.in, fault.pointer])).toEqual([
      ['params', '#/id'],
      ['query', '#/limit'],
      ['body', '#/server/name'],
      ['body', '#/server/tags/1'],
    ])
    for (const { detail } of faults) expect(error.message).toContain(detail)
    expect(error.message).toMatch(/^The request is not valid: params \/id: .+; query \/limit: .+; body \/server\/name: /)
  })

  test('name the whole body where it is missing', async () => {
    const error = await failure(() => post(seen(schemas), { queryString: 'limit=1' }))
    expect(error.message).toMatch(/^The request is not valid: body: /)
    expect(error.problem['errors']).toMatchObject([{ in: 'body', pointer: '#' }])
  })
})

test('asynchronous schemas are waited for', async () => {
  const name = z.string().refine((name) => Promise.resolve(name !== 'taken'), 'is taken')
  const router = seen({ body: z.object({ name }), query: z.object({ name }) })
  expect((await post(router, { content: '{"name": "free"}', queryString: 'name=x' })).body).toEqual({ input: { body: { name: 'free' }, query: { name: 'x' } } })
  const error = await failure(() => post(router, { content: '{"name": "taken"}', queryString: 'name=taken' }))
  expect(error.problem['errors']).toEqual([
    { in: 'query', pointer: '#/name', detail: 'is taken' },
    { in: 'body', pointer: '#/name', detail: 'is taken' },
  ])
})

test('a request without a body to check is answered at once', () => {
  const reply = post(seen({ params: z.object({ id: z.string() }), reply: z.object({ input: z.any() }) }))
  expect(reply).toEqual({ body: { input: { params: { id: '7' } } } })
})

describe('the body', () => {
  const router = seen({ body: z.object({ a: z.number() }).optional() })

  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.openstack.compute+json', 'application/merge-patch+json ;x=1'])('may be %s', async (type) => {
    expect((await post(router, { content: '{"a": 1}', headers: { 'content-type': type } })).body).toEqual({ input: { body: { a: 1 } } })
  })

  test.each<[headers: Record<string, string>]>([[{ 'content-type': 'text/plain' }], [{ 'content-type': 'application/x-www-form-urlencoded' }], [{ 'content-type': 'application/jsonl' }], [{}]])(
    'that is %j is a 415 which says what is accepted (RFC 9110 §15.5.16)',
    async (headers) => {
      expect(await failure(() => post(router, { content: '{"a": 1}', headers }))).toMatchObject({ status: 415, headers: { accept: 'application/json' } })
    },
  )

  test('that is no JSON is a 400', async () => {
    expect(await failure(() => post(router, { content: '{"a"' }))).toMatchObject({ status: 400, message: 'the body is not valid JSON' })
  })

  test.each<[headers: Record<string, string>]>([[{}], [JSON_TYPE]])('that is not there is undefined for the schema, with %j', async (headers) => {
    expect((await post(router, { headers })).body).toEqual({ input: { body: undefined } })
    expect(await failure(() => post(seen({ body: z.object({}) }), { headers }))).toMatchObject({ status: 400, problem: { errors: [{ in: 'body', pointer: '#' }] } })
  })
})

test('names in a pointer are escaped (RFC 6901 §3, §6)', async () => {
  const error = await failure(() => post(seen({ body: z.object({ 'a/b~c é': z.string() }) }), { content: '{}' }))
  expect(error.problem['errors']).toMatchObject([{ pointer: '#/a~1b~0c%20%C3%A9' }])
})

test('a path of the segments that the interface allows is a pointer too', async () => {
  const schema: RouteSchemas['query'] = {
    '~standard': { version: 1, vendor: 'own', validate: () => ({ issues: [{ message: 'no', path: [{ key: 'a' }, 0] }] }) },
  }
  expect((await failure(() => post(seen({ query: schema })))).problem['errors']).toEqual([{ in: 'query', pointer: '#/a/0', detail: 'no' }])
})

test('a query cannot reach the prototype', async () => {
  const reply = await post(seen({ query: z.record(z.string(), z.string()) }), { queryString: 'a=1&__proto__=x' })
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  expect(reply.body).toMatchObject({ input: { query: { a: '1' } } })
})

describe('faults reach the client', () => {
  const router = seen({ query: z.object({ limit: z.coerce.number() }) })
  const errors = [{ in: 'query', pointer: '#/limit', detail: expect.any(String) }]

  test('as problem details (RFC 9457)', async () => {
    const error = await failure(() => post(router, { queryString: 'limit=x' }))
    const reply = faultReply(error, makeRequest({ headers: { accept: 'application/json' } }), false)
    expect(reply.body).toMatchObject({ type: 'about:blank', status: 400, errors })
  })

  test('in plain text', async () => {
    const error = await failure(() => post(router, { queryString: 'limit=x' }))
    expect(faultReply(error, makeRequest(), false).body).toMatch(/^The request is not valid: query \/limit: /)
  })

  test("as nova's fault", async () => {
    const wrapped = (await faultwrap({}, {}))(router.app)
    expect(await wrapped(makeRequest({ method: 'POST', rawPathInfo: '/servers/7', queryString: 'limit=x' }))).toMatchObject({
      status: 400,
      body: { badRequest: { code: 400, message: expect.stringContaining('query /limit'), errors } },
    })
  })
})

describe('replies', () => {
  const schema = z.object({ server: z.object({ id: z.string() }) })
  const answering = (reply: unknown, reply_ = schema): Router => new Router().post('/servers/:id', { reply: reply_ }, () => reply as HttpReply)

  test('that match are sent as the schema made them', () => {
    expect(post(answering({ status: 201, body: { server: { id: '1', secret: 'x' } } }))).toEqual({ status: 201, body: { server: { id: '1' } } })
  })

  test('that come later are checked as well', async () => {
    expect(await post(answering(Promise.resolve({ body: { server: { id: '1', secret: 'x' } } })))).toEqual({ body: { server: { id: '1' } } })
    await expect(post(answering(Promise.resolve({ body: {} })))).rejects.toThrow('POST /servers/:id')
  })

  test('that do not match are an error for the log, with the path of each fault', async () => {
    const wrong = (): unknown => post(answering({ body: { server: { id: 7 } } }))
    expect(wrong).toThrow(/^The reply of POST \/servers\/:id does not match its schema: \/server\/id: /)
    expect(wrong).not.toThrow(HttpError)
    expect(() => post(answering({}))).toThrow('does not match its schema: /: ')
    const reply = await (await faultwrap({}, {}))(answering({ body: { server: { id: 7 } } }).app)(makeRequest({ method: 'POST', rawPathInfo: '/servers/7' }))
    expect(reply.status).toBe(500)
    expect(JSON.stringify(reply.body)).not.toContain('/server/id')
  })

  test.each([404, 302, 204, 205, 199])('of status %i are left alone', (status) => {
    const reply = { status, body: null }
    expect(answering(reply).app(makeRequest({ method: 'POST', rawPathInfo: '/servers/7' }))).toBe(reply)
  })

  test.each([undefined, null])('that are %s are passed on for the server to complain of', (reply) => {
    expect(answering(reply).app(makeRequest({ method: 'POST', rawPathInfo: '/servers/7' }))).toBe(reply)
  })
})

test('without schemas the handler is called as it is, with the request only', () => {
  let given: unknown[] = []
  const handler = (...all: unknown[]): HttpReply => {
    given = all
    return {}
  }
  void new Router().get('/', { name: 'root' }, handler).app(makeRequest())
  expect(given[1]).toBeUndefined()
})

test('a resource has schemas for its actions', async () => {
  class Servers {
    create(_request: HttpRequest, { body }: { body: { name: string } }): HttpReply {
      return { status: 202, body }
    }
  }
  const router = new Router().resource('servers', new Servers(), { actions: { create: { body: z.object({ name: z.string() }) } } })
  expect(await post(router, { content: '{"name": "one", "more": 1}' }, '/servers')).toEqual({ status: 202, body: { name: 'one' } })
  expect(await failure(() => post(router, { content: '{}' }, '/servers'))).toMatchObject({ status: 400 })
})

test('the types of the input come from the schemas', () => {
  const body = z.object({ name: z.string(), size: z.string().transform(Number) })
  new Router()
    .post('/a', { body, query: v.object({ q: v.optional(v.string()) }), params: arktype({ id: 'string.integer.parse' }) }, (_request, input) => {
      expectTypeOf(input.body).toEqualTypeOf<{ name: string; size: number }>()
      expectTypeOf(input.query).toEqualTypeOf<{ q?: string | undefined }>()
      expectTypeOf(input.params).toEqualTypeOf<{ id: number }>()
      return {}
    })
    .on(['PUT', 'PATCH'], '/a', { body }, (_request, input) => {
      expectTypeOf(input).toEqualTypeOf<{ readonly body: { name: string; size: number } }>()
      return {}
    })
    .get('/a', { name: 'a' }, (_request, input) => {
      expectTypeOf(input).toEqualTypeOf<{}>()
      return {}
    })
})

describe('what a client can make large', () => {
  test('a hundred faults are told, and how many more there are', async () => {
    const router = new Router().post('/servers/:id', { body: z.array(z.string()) }, () => ({}))
    const { problem, message } = await failure(() => post(router, { content: JSON.stringify(Array(5000).fill(1)) }))
    expect(problem['errors']).toHaveLength(100)
    expect(message).toMatch(/ body \/99: [^;]*; and 4900 more$/)
  })

  test('a name that comes a thousand times in a query is not gathered a thousand times', async () => {
    const gather = vi.spyOn(URLSearchParams.prototype, 'getAll')
    onTestFinished(() => gather.mockRestore())
    const query = z.object({ a: z.array(z.string()).length(1000), b: z.literal('2') })
    const { status } = await post(seen({ query }), { queryString: `${'a=1&'.repeat(1000)}b=2` })
    expect(status).toBeUndefined()
    expect(gather.mock.calls.length).toBeLessThan(3)
  })

  test('no name in a query or a body is one of Object.prototype', async () => {
    const { body } = await post(seen({ query: z.any(), body: z.any() }), { queryString: '__proto__=4&constructor=5', content: '{"__proto__":6}' })
    expect(JSON.stringify(body)).toBe('{"input":{"query":{"__proto__":"4","constructor":"5"},"body":{"__proto__":6}}}')
  })
})
