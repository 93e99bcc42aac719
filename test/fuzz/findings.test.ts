import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { RequestParser } from '../../src/http/request-parser.ts'
import { octets } from '../support/http-cases.ts'
import { keepFinding, keptFindings } from './lib/findings.js'
import { brokenBy } from './lib/invariants.js'
import { tight, usual } from './lib/limits.js'

describe('what the fuzzer found once', () => {
  it('is mended, each case of it', () => {
    const broken = keptFindings().map(({ file, limits, input }) => [file, brokenBy(RequestParser, limits, input)])
    expect(broken.filter(([, wrong]) => wrong !== null)).toEqual([])
  })

  it('is kept with its octets, its limits and what was wrong, in a file named by them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'findings-'))
    const url = pathToFileURL(`${folder}/`)
    const input = octets('GET /\0\xff HTTP/1.1\r\n\r\n')
    const file = keepFinding('w'.repeat(600), tight, input, url)
    expect(keptFindings(url)).toEqual([{ file, input, octets: input.toString('base64'), limits: tight, wrong: 'w'.repeat(500) }])
    expect(keepFinding('otherwise', tight, input, url)).toBe(file)
    expect(keepFinding('otherwise', usual, input, url)).not.toBe(file)
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^\{\n {2}"wrong": /)
    rmSync(folder, { recursive: true })
  })
})
