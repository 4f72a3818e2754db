#!/usr/bin/env node
// Keeps a catalogue (a file) in sync with a Sheaf gateway: events on NATS say when something has changed, /changes says
// what.
//
//   npm ci
//   node catalogue.mjs --gateway https://gateway.example.org/ --nats nats://127.0.0.1:4222 catalogue.ndjson
//   node catalogue.mjs --gateway https://gateway.example.org/ --once catalogue.ndjson
//
// Needs Node 18.17. With --once it ends when the catalogue holds what the gateway holds, and proves that: exit status 0 if their
// digests are equal, 3 if not.
//
// An event is only the bell: a lost one, or one that came twice, does no harm, because what has changed is always asked of
// /changes, from the place that the catalogue holds. docs/subscribers.md has the rules for those who apply events themselves.
import {createHash} from 'node:crypto'
import {open, rename} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {parseArgs} from 'node:util'
import {connect} from '@nats-io/transport-node'

// A Catalogue is a journal: each line is a transaction, with the place that is true behind it. A line without its end was
// cut by a crash, and counts for nothing.
class Catalogue {
  records = new Map()
  place = {cursor: '0', pass: Date.now(), filling: true} // a pass is named by the time, so that it is always a new one

  async open(path) {
    this.path = path
    this.file = await open(path, 'a+')
    let whole = 0
    let text = ''
    for await (const chunk of this.file.createReadStream({encoding: 'utf8', start: 0, autoClose: false})) {
      const lines = (text + chunk).split('\n')
      text = lines.pop()
      for (const line of lines) {
        this.apply(JSON.parse(line))
        whole += Buffer.byteLength(line) + 1
      }
    }
    await this.file.truncate(whole)
    return this
  }

  apply({put = [], gone = [], sweep, place}) {
    for (const record of put) this.records.set(record.identifier, record)
    for (const identifier of gone) this.records.delete(identifier)
    if (sweep) for (const [identifier, record] of this.records) if (record.pass !== place.pass) this.records.delete(identifier)
    this.place = place
  }

  async write(lines, place, sweep = false) {
    const last = new Map(lines.map(line => [line.identifier, line])) // a record may have changed twice
    const put = [], gone = []
    for (const line of last.values()) {
      if (line.operation === 'deleted') gone.push(line.identifier)
      else put.push({identifier: line.identifier, datestamp: line.datestamp, title: line.record.title?.[0].value, oai_dc: line.oai_dc, pass: place.pass})
    }
    const batch = {put, gone, sweep, place}
    await this.file.appendFile(JSON.stringify(batch) + '\n')
    await this.file.datasync()
    this.apply(batch)
    if (sweep) await this.compact()
  }

  // compact writes what is true into a new file, which takes the place of the old one at once.
  async compact() {
    const next = await open(this.path + '.new', 'w')
    for (const record of this.records.values()) await next.appendFile(JSON.stringify({put: [record], place: {...this.place, cursor: '0', filling: true}}) + '\n')
    await next.appendFile(JSON.stringify({place: this.place}) + '\n')
    await next.sync()
    await rename(this.path + '.new', this.path)
    await this.file.close()
    await next.close()
    this.file = await open(this.path, 'a+')
  }

  // digest is computed as the gateway computes that of its log.
  digest() {
    let sum = 0n
    for (const r of this.records.values()) {
      sum += BigInt('0x' + createHash('sha256').update(`${r.identifier}\n${r.datestamp}\n${r.oai_dc}`).digest('hex'))
    }
    return (sum % 2n ** 256n).toString(16).padStart(64, '0')
  }
}

// ask gives the lines of one answer; the last one has a head.
async function* ask(gateway, cursor, wait, signal) {
  const query = new URLSearchParams({after: cursor, limit: 10000, wait: `${wait}s`, with: 'oai_dc'})
  const answer = await fetch(`${gateway}/changes?${query}`, {signal: AbortSignal.any([signal, AbortSignal.timeout((wait + 600) * 1000)])})
  if (answer.status === 410 && answer.headers.get('Content-Type')?.includes('problem+json')) {
    throw Object.assign(new Error((await answer.json()).detail), {gone: true})
  }
  if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}`)
  let text = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split('\n')
    text = lines.pop()
    for (const line of lines) yield JSON.parse(line)
  }
}

// catchUp applies one answer, and returns the head if the catalogue is there now.
async function catchUp(catalogue, gateway, wait, signal) {
  let {cursor, pass, filling} = catalogue.place
  let [epoch, seq, seen = '0'] = cursor.includes('.') ? cursor.split('.') : ['', '0']
  let lines = []
  const flush = async () => {
    const batch = lines
    lines = []
    if (batch.length) await catalogue.write(batch, {cursor, pass, filling})
  }
  try {
    for await (const line of ask(gateway, cursor, filling ? 0 : wait, signal)) {
      if (line.head) {
        const atHead = !line.more
        const moved = lines.length || line.next !== catalogue.place.cursor || filling && atHead
        if (moved) await catalogue.write(lines, {cursor: line.next, pass, filling: filling && !atHead}, filling && atHead)
        lines = []
        return atHead ? line.head : undefined
      }
      if (line.prev !== seq || epoch && line.epoch !== epoch) throw new Error('something between is missing')
      lines.push(line)
      ;({epoch, seq, seen = seen} = line)
      cursor = `${epoch}.${seq}.${seen}`
      if (lines.length === 500) await flush()
    }
    throw new Error('the answer was cut')
  } catch (err) {
    if (err.gone) {
      console.error('everything is read again:', err.message)
      await catalogue.write([], {cursor: '0', pass: Math.max(Date.now(), pass + 1), filling: true})
      return undefined
    }
    await flush() // what came whole is right
    throw err
  }
}

const {values: args, positionals: [path]} = parseArgs({
  allowPositionals: true,
  options: {gateway: {type: 'string'}, nats: {type: 'string'}, once: {type: 'boolean'}},
})
if (!args.gateway || !path) {
  console.error('usage: node catalogue.mjs --gateway URL [--nats URL] [--once] FILE')
  process.exit(2)
}
const gateway = args.gateway.replace(/\/$/, '')
const catalogue = await new Catalogue().open(path)
const stop = new AbortController()
process.on('SIGINT', () => stop.abort()).on('SIGTERM', () => stop.abort())

// The bell. rung is true when an event has come since the last question.
let rung = true
let ring = () => {}
let nc
if (args.nats && !args.once) {
  nc = await connect({servers: args.nats.split(','), maxReconnectAttempts: -1, waitOnFirstConnect: true, name: 'catalogue'})
  nc.subscribe('sheaf.v1.records.>', {callback: () => { rung = true; ring() }})
}

for (let failures = 0; !stop.signal.aborted;) {
  rung = false
  let head
  try {
    head = await catchUp(catalogue, gateway, args.once || nc ? 0 : 55, stop.signal)
    failures = 0
  } catch (err) {
    if (stop.signal.aborted) break
    console.error('will try again:', err.message)
    if (args.once && ++failures > 8) process.exit(1)
    await sleep(Math.min(60_000, 250 * 2 ** Math.min(++failures, 8)) * (0.5 + Math.random() / 2))
    continue
  }
  if (args.once && head) {
    if (!head.digest) { // it is being worked out, after an epoch has begun
      await sleep(500)
      continue
    }
    const own = catalogue.digest()
    console.log(`${catalogue.records.size} records, digest ${own} ${own === head.digest ? "equal to the gateway's" : `NOT that of the gateway, ${head.digest}`}`)
    process.exit(own === head.digest ? 0 : 3)
  }
  if (nc && head && !rung) { // a minute without a bell: ask whether there is really nothing
    const over = new AbortController()
    const bell = new Promise(resolve => { ring = resolve })
    await Promise.race([bell, sleep(60_000, undefined, {signal: AbortSignal.any([over.signal, stop.signal])}).catch(() => {})])
    over.abort()
  }
}
await nc?.close()
