/** What does a request cost? CPU time of the server process per request, of several servers side by side. */
import { writeFileSync } from 'node:fs'
import { chooseCores } from './lib/cores.js'
import { Entrant } from './lib/entrant.js'
import { chooseClient } from './lib/load.js'
import { describeMachine, formatMachine } from './lib/machine.js'
import { readOptions } from './lib/options.js'
import { formatResults, summarize } from './lib/results.js'
import { MILLRACE, rowsWith } from './lib/rows.js'

const { rounds, seconds, only, json } = readOptions(process.argv.slice(2))
const cores = chooseCores()
const client = chooseClient()
const machine = { ...describeMachine(), client: client.text, pinning: cores.text }

const entrants = await startAll()
for (let round = 0; round <= rounds; round += 1) await runRound(round)
for (const entrant of entrants) entrant.stop()

const results = summarize(entrants)
console.log(`${formatMachine(machine)}
client ${machine.client} · ${machine.pinning} · 50 connections, ${rounds} × ${seconds} s for each server
`)
console.log(formatResults(results))
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, rounds, seconds, results }, null, 2)}\n`)
if (results.some(({ fault }) => fault !== null)) process.exitCode = 1

async function startAll() {
  const rows = rowsWith(await recordReply()).filter(({ name }) => only.includes(name))
  return Promise.all(rows.map((row) => Entrant.start(row, cores)))
}

/** Millrace's reply, for the server that only repeats it. */
async function recordReply() {
  const millrace = await Entrant.start(MILLRACE, cores)
  const reply = await millrace.firstReply()
  millrace.stop()
  return reply
}

/** Round 0 is the warm-up. Each round begins with another server, so that none always has the same one before it. @param {number} round */
async function runRound(round) {
  process.stderr.write(round === 0 ? 'warm-up\n' : `round ${round} of ${rounds}\n`)
  const first = round % entrants.length
  for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
    if (entrant.fault !== null) continue
    if (round === 0) await entrant.warmUp(client, cores, seconds)
    else await entrant.measure(client, cores, seconds)
  }
}
