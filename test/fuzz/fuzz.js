// @ts-check
/** Looks for octets the request parser does not take as it should. What it finds becomes a case in findings/, and a test. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { keepFinding } from './lib/findings.js'
import { usual } from './lib/limits.js'

const HELP = `Usage: npm run fuzz -- [options]

Feeds mutated requests to the built parser and checks what must hold for any octets (test/fuzz/lib/invariants.js).
Findings are made small and kept in test/fuzz/findings. Exit code 1 when there are any.

  --seconds N   how long (default 60)
  --seed N      the same seed makes the same inputs (default: a new one, which is printed)
  --help        print this
`

/** An input is read in well under a millisecond. One that takes longer than this hangs. Milliseconds. */
const HANG = 20_000
/** As large as the largest input, and its size. */
const CURRENT = 32_768

const { seconds, seed } = readOptions()
const started = performance.now()
let runs = 0
let corpus = 0
let findings = 0
let heard = started

console.log(`seed ${seed}, ${seconds} s`)
const current = new SharedArrayBuffer(CURRENT)
const worker = new Worker(new URL('lib/worker.js', import.meta.url), { workerData: { seed, current } })
worker.on('message', (message) => {
  heard = performance.now()
  if (message.broken === undefined) ({ runs, corpus } = message)
  else found(message.broken.wrong, message.broken.limits, Buffer.from(message.broken.input))
})
worker.on('error', (error) => {
  console.error(error)
  end(1)
})
const progress = setInterval(report, 5000)
const watch = setInterval(lookForHang, 1000)
const deadline = setTimeout(() => end(findings > 0 ? 1 : 0), seconds * 1000)

/** @param {string} wrong @param {import('./lib/reader.js').Limits} limits @param {Buffer} input */
function found(wrong, limits, input) {
  findings += 1
  const file = keepFinding(wrong, limits, input)
  console.log(`FOUND ${wrong.slice(0, 300)}\n  ${JSON.stringify(input.toString('latin1'))}\n  kept as test/fuzz/findings/${file}`)
}

function lookForHang() {
  if (performance.now() - heard < HANG) return
  const size = new Int32Array(current, 0, 1)[0] ?? 0
  found(`hangs: no end after ${HANG / 1000} s`, usual, Buffer.from(new Uint8Array(current, 4, size)))
  end(1)
}

function report() {
  const elapsed = (performance.now() - started) / 1000
  console.log(`${elapsed.toFixed(0)} s  ${runs} runs  ${(runs / elapsed).toFixed(0)}/s  corpus ${corpus}  findings ${findings}`)
}

/** @param {number} code */
function end(code) {
  clearInterval(progress)
  clearInterval(watch)
  clearTimeout(deadline)
  report()
  process.exitCode = code
  void worker.terminate()
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, help: { type: 'boolean' } },
    })
    if (values.help) {
      process.stdout.write(HELP)
      process.exit(0)
    }
    return {
      seconds: wholeNumber('--seconds', values.seconds),
      seed: values.seed === undefined ? Date.now() % 2 ** 32 : wholeNumber('--seed', values.seed),
    }
  } catch (error) {
    process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n(--help says what there is)\n`)
    return process.exit(2)
  }
}

/** @param {string} option @param {string} text */
function wholeNumber(option, text) {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`${option} takes a whole number above 0, not '${text}'`)
  return Number(text)
}
