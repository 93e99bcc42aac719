import { describe, expect, test } from 'vitest'
import { build, loaderOf, problemOf } from './paste-files.ts'

const USE_APP = 'use = egg:Test#app'
const PREFIXES = "(prefixed by 'app' or 'application' or 'composite' or 'composit' or 'pipeline' or 'filter-app')"

describe('the section of a name', () => {
  test.each([
    ['app:main', USE_APP],
    ['application:main', USE_APP],
    ['app: main ', USE_APP],
    ['app', USE_APP],
    ['composite:main', 'use = egg:Test#composite'],
    ['composit:main', 'use = egg:Test#composite'],
    ['composite', 'use = egg:Test#composite'],
    ['pipeline:main', 'pipeline = egg:Test#app'],
    ['pipeline', 'pipeline = egg:Test#app'],
    ['filter-app:main', 'use = egg:Test#filter\nnext = egg:Test#app'],
  ])('[%s] is the app "main"', async (section, body) => {
    await expect(build(`[${section}]\n${body}`)).resolves.toHaveProperty('made')
  })

  test.each(['App:main', 'app :main', 'app:Main', 'app:', 'server:main', 'filter:main', 'main', 'applications:main'])(
    '[%s] is not',
    (section) => {
      expect(loaderOf(`[${section}]\n${USE_APP}`).hasApp('main')).toBe(false)
    },
  )

  test('is that of the first alias that matches', async () => {
    const built = await build(`[application:main]\n${USE_APP}\nx = application\n[app:main]\n${USE_APP}\nx = app`)
    expect(built.localConf).toEqual({ x: 'app' })
  })

  test('is a bare prefix only where nothing is titled main', async () => {
    const built = await build(`[app]\n${USE_APP}\nx = bare\n[composite:main]\nuse = egg:Test#composite\nx = titled`)
    expect(built.localConf).toEqual({ x: 'titled' })
  })

  test.each([
    [['app:main', 'composite:main']],
    [['app:main', 'app: main ']],
    [['app', 'composite']],
    [['app:main', 'pipeline:main', 'filter-app:main']],
  ])('is ambiguous between %j', async (sections) => {
    const loader = loaderOf(sections.map((section) => `[${section}]\n${USE_APP}\n`).join(''))
    const { message, line } = await problemOf(loader.loadApp())
    expect(line).toBe(3)
    const names = sections.map((section) => `'${section}'`).join(', ')
    expect(message).toBe(`Ambiguous section names [${names}] for section 'main' ${PREFIXES} found in config ${loader.configPath}`)
  })

  test('with a colon can only be a URI', async () => {
    const loader = loaderOf(`[pipeline:main]\npipeline = v:x\n[app:v:x]\n${USE_APP}`)
    expect((await problemOf(loader.loadApp())).message).toBe("URI scheme not known: 'v' (from config, egg, call)")
    await expect(build(`[pipeline:main]\npipeline = v2:x\n[app:v2:x]\n${USE_APP}`)).resolves.toHaveProperty('made', 'app')
  })

  test('that is not there is an error with the place of the reference, and the nearest name', async () => {
    const loader = loaderOf(`[pipeline:main]\npipeline = compte\n[app:compute]\n${USE_APP}`)
    expect(await problemOf(loader.loadApp())).toEqual({
      file: loader.configPath,
      line: 2,
      section: 'pipeline:main',
      option: 'pipeline',
      value: 'compte',
      message: `No section 'compte' ${PREFIXES} found in config ${loader.configPath}`,
      nearest: 'compute',
    })
  })

  test('that is not there may be near a bare prefix', async () => {
    expect((await problemOf(loaderOf(`[app]\n${USE_APP}`).loadApp('mian'))).nearest).toBe('main')
  })

  test('that is there as something else is an error which says so', async () => {
    const loader = loaderOf(`[pipeline:main]\npipeline = auth api\n[app:auth]\n${USE_APP}\n[app:api]\n${USE_APP}`)
    const problem = await problemOf(loader.loadApp())
    expect(problem.message).toBe(`No section 'auth' (prefixed by 'filter') found in config ${loader.configPath}`)
    expect(problem.expected).toBe('a filter, which [app:auth] is not')
  })
})
