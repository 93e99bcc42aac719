// @ts-check
import { parentPort, workerData } from 'node:worker_threads'
import { RequestParser } from '../../../dist/http/request-parser.js'
import { Corpus } from './corpus.js'
import { keptFindings } from './findings.js'
import { bothLimits } from './limits.js'
import { FuzzLoop } from './loop.js'
import { Random } from './random.js'

/** @type {{ seed: number, current: SharedArrayBuffer }} */
const { seed, current } = workerData
const corpus = new Corpus(
  RequestParser,
  bothLimits,
  keptFindings().map(({ input }) => input),
)
const loop = new FuzzLoop(RequestParser, bothLimits, corpus, new Random(seed))
const size = new Int32Array(current, 0, 1)
const octets = new Uint8Array(current, 4)

for (;;) {
  for (let batch = 0; batch < 100; batch += 1) {
    const input = loop.make()
    // Where the watch in the main thread finds it when this one never comes back.
    octets.set(input)
    size[0] = input.length
    const broken = loop.tryOne(input)
    if (broken !== null) parentPort?.postMessage({ broken }, [])
  }
  parentPort?.postMessage({ runs: loop.runs, corpus: corpus.inputs.length }, [])
}
