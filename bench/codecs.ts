/**
 * What each codec makes of a state: bytes stored, and the time there and back, in interleaved rounds. Time is
 * that of the processor, in all threads of the process: it stays the same on a machine that is busy.
 */
import { Effect, Redacted } from "effect"
import { StateCodec } from "effect-checkpoint"
import { escaped, unescaped } from "../src/internal/codec/coded.js"
import { type States, statesFor } from "../src/internal/codec/states.js"
import { write } from "./flags.js"
import { machine } from "./machine.js"
import { type Section, writeSections } from "./report/sections.js"
import { median } from "./statistics.js"
import { markdown } from "./table.js"

const rounds = 9

const sizes = { "0.1 KiB": 102, "1 KiB": 1024, "10 KiB": 10_240, "100 KiB": 102_400, "1 MiB": 1_048_576 }

const encrypted = StateCodec.encrypted({
  keys: { bench: Redacted.make(crypto.getRandomValues(new Uint8Array(32))) },
  current: "bench"
})

const codecs = {
  json: StateCodec.json,
  messagePack: StateCodec.messagePack,
  "json, deflate": StateCodec.json.pipe(StateCodec.compressed()),
  "json, gzip": StateCodec.json.pipe(StateCodec.compressed({ algorithm: "gzip" })),
  "json, brotli": StateCodec.json.pipe(StateCodec.compressed({ algorithm: "brotli" })),
  "messagePack, deflate": StateCodec.messagePack.pipe(StateCodec.compressed()),
  "json, encrypted": StateCodec.json.pipe(encrypted),
  "json, deflate, encrypted": StateCodec.json.pipe(StateCodec.compressed(), encrypted),
  "messagePack, deflate, encrypted": StateCodec.messagePack.pipe(StateCodec.compressed(), encrypted)
}

const words = "order customer paid shipped refund address street total currency invoice line item of the and".split(" ")

/** The same numbers in every run. */
const random = (() => {
  let seed = 20_261_125
  return (below: number) => {
    seed = Math.imul(seed, 1_664_525) + 1_013_904_223 >>> 0
    return Math.floor(seed / 2 ** 32 * below)
  }
})()

const line = (i: number) => ({
  id: `line-${i}-${random(1e9).toString(36)}`,
  cents: random(100_000),
  paid: random(2) === 1,
  text: Array.from({ length: 6 }, () => words[random(words.length)]).join(" ")
})

/** Records such as agents and orders have, of some that many bytes as JSON. */
const stateOf = (bytes: number): unknown => {
  const lines: Array<unknown> = []
  let left = bytes - 20
  for (let i = 0; left > 0; i++) {
    const next = line(i)
    const size = JSON.stringify(next).length + 1
    if (size > left) break
    lines.push(next)
    left -= size
  }
  return { lines, rest: "x".repeat(Math.max(0, left)) }
}

const place = ["checkpoint", "langgraph:checkpoint:bench", "bench", 1]

const written = (states: States, state: unknown): Effect.Effect<string, string> =>
  states.plain
    ? Effect.sync(() => JSON.stringify(escaped(state)))
    : Effect.map(states.encode(state, place), (coded) => JSON.stringify(coded))

const read = (states: States, text: string): Effect.Effect<unknown, string> =>
  Effect.suspend(() => {
    const state: unknown = JSON.parse(text)
    return states.isCoded(state) ? states.decode(state, place) : Effect.succeed(unescaped(state))
  })

/** Microseconds of the processor a call, one after the other. */
const each = <A>(calls: number, call: Effect.Effect<A, string>): Effect.Effect<number, string> =>
  Effect.gen(function*() {
    const started = process.cpuUsage()
    for (let i = 0; i < calls; i++) yield* call
    const { system, user } = process.cpuUsage(started)
    return (system + user) / calls
  })

interface Row {
  readonly name: string
  readonly states: States
  readonly texts: ReadonlyMap<string, string>
  readonly encode: Map<string, Array<number>>
  readonly decode: Map<string, Array<number>>
}

const section = (name: string, rows: ReadonlyArray<Row>, cell: (row: Row, size: string) => string): Section => {
  const names = Object.keys(sizes)
  const body = rows.map((row) => [row.name, ...names.map((size) => cell(row, size))])
  return { name: `codecs-${name}`, text: markdown(["codec", ...names], body) }
}

const states = Object.entries(sizes).map(([size, bytes]) => [size, stateOf(bytes)] as const)

const rowOf = (name: string, codec: StateCodec.StateCodec) =>
  Effect.gen(function*() {
    const made = yield* statesFor(codec)
    const texts = yield* Effect.forEach(states, ([size, state]) =>
      Effect.map(written(made, state), (text) => [size, text] as const))
    const empty = () =>
      new Map(states.map(([size]) => [size, new Array<number>()]))
    return { name, states: made, texts: new Map(texts), encode: empty(), decode: empty() }
  })

const callsFor = (state: unknown): number =>
  Math.max(3, Math.min(1_000, Math.floor(500_000 / JSON.stringify(state).length)))

const race = (rows: ReadonlyArray<Row>) =>
  Effect.gen(function*() {
    for (let round = 0; round <= rounds; round++) {
      for (const [size, state] of states) {
        for (const row of rows) {
          globalThis.gc?.()
          const encode = yield* each(callsFor(state), written(row.states, state))
          const decode = yield* each(callsFor(state), read(row.states, row.texts.get(size) ?? ""))
          // The first round is to warm up.
          if (round === 0) continue
          row.encode.get(size)?.push(encode)
          row.decode.get(size)?.push(decode)
        }
      }
    }
  })

const shown = (times: ReadonlyArray<number> | undefined): string => {
  const time = median([...times ?? []])
  return time < 100 ? time.toFixed(1) : time.toFixed(0)
}

const program = Effect.gen(function*() {
  const rows = yield* Effect.forEach(Object.entries(codecs), ([name, codec]) => rowOf(name, codec))
  yield* race(rows)
  const sections: ReadonlyArray<Section> = [
    { name: "codecs-machine", text: `${machine()}, median of ${rounds} rounds` },
    section("bytes", rows, ({ texts }, size) => String(Buffer.byteLength(texts.get(size) ?? ""))),
    section("encode", rows, ({ encode }, size) => shown(encode.get(size))),
    section("decode", rows, ({ decode }, size) => shown(decode.get(size)))
  ]
  for (const { name, text } of sections) console.log(`\n${name}\n\n${text}`)
  if (write) writeSections("docs/codecs.md", sections)
})

await Effect.runPromise(program)
