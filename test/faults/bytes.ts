/** One call through a proxy that does something at an exact byte of its requests or of its replies. */
import { Effect, Fiber } from "effect"
import type { open } from "../races/stores.js"
import * as Proxy from "../support/Proxy.js"
import { connect } from "./connect.js"
import { type Call, type Called, idsOf } from "./history.js"
import { judge, type Judgement } from "./judge.js"
import * as Recorder from "./recorder.js"
import { sound, type Subject } from "./trial.js"

export const kinds = ["Cut", "Split", "Delay", "Drop"] as const

export type Kind = typeof kinds[number]

export interface Boundary {
  readonly side: "Request" | "Reply"
  /** So many bytes of that side pass. */
  readonly bytes: number
}

/** On an execution that holds a at version 1 and b at version 2. Every tag has the same length. */
export const verbs: Readonly<Record<string, (execution: string, tag: string) => Call>> = {
  "save": (execution, tag) => ({ verb: "save", id: `${execution}/c`, version: 3, tag }),
  "overwrite": (execution, tag) => ({ verb: "save", id: `${execution}/a`, version: 3, tag }),
  "save, staged": (execution, tag) => ({ verb: "save", id: `${execution}/c`, version: 3, tag: `${tag}L` }),
  "compareAndSet": (execution, tag) => ({ verb: "compareAndSet", id: `${execution}/c`, version: 3, tag, expected: 2 }),
  "append after": (_, tag) => ({ verb: "append", tag, after: 2 }),
  "append": (_, tag) => ({ verb: "append", tag, after: undefined }),
  "saveAll": (execution, tag) => ({
    verb: "saveAll",
    entries: [
      { id: `${execution}/c`, version: 3, tag },
      { id: `${execution}/b`, version: 4, tag: `${tag}b` }
    ]
  }),
  "load": (execution) => ({ verb: "load", id: `${execution}/a` }),
  "loadAll": (execution) => ({ verb: "loadAll", ids: [`${execution}/a`, `${execution}/b`, `${execution}/c`] }),
  "exists": (execution) => ({ verb: "exists", id: `${execution}/a` }),
  "latest": () => ({ verb: "latest" }),
  "list": () => ({ verb: "list" }),
  "stream": () => ({ verb: "stream" }),
  "count": () => ({ verb: "count" }),
  "delete": (execution) => ({ verb: "delete", id: `${execution}/a` }),
  "clear": () => ({ verb: "clear" }),
  "copy": (execution) => ({ verb: "copy", to: `${execution}f` })
}

/** Where others look and write meanwhile: at what the call writes, if it writes. */
const subjectOf = (call: Call, execution: string): readonly [execution: string, id: string] =>
  call.verb === "copy"
    ? [call.to, `${call.to}@${"1".padStart(16, "0")}`]
    : [execution, idsOf(call)[0] ?? `${execution}/a`]

/** A connection through a proxy of its own, so that many can be struck at once. */
export const lane = (port: number, direct: Lane["direct"], { storeOf }: Subject = sound) =>
  Effect.gen(function*() {
    const proxy = yield* Proxy.make({ target: port })
    const store = yield* Effect.flatMap(connect({ port: proxy.port, timeout: "60 millis" }), storeOf)
    return { proxy, store, direct }
  })

export interface Lane {
  readonly proxy: Proxy.Proxy
  readonly store: Effect.Effect.Success<ReturnType<typeof open>>["store"]
  /** Beside the proxy. */
  readonly direct: Lane["store"]
}

const prepare = ({ direct }: Lane, recorder: Recorder.Recorder, execution: string) =>
  Effect.all([
    recorder.call(direct, execution, { verb: "save", id: `${execution}/a`, version: 1, tag: recorder.tag(false) }),
    recorder.call(direct, execution, { verb: "save", id: `${execution}/b`, version: 2, tag: recorder.tag(false) })
  ])

/** How many bytes the call sends and gets, on a connection that knows its scripts. */
export const lengths = (lane: Lane, call: (execution: string, tag: string) => Call) =>
  Effect.gen(function*() {
    const recorder = Recorder.make()
    for (const execution of ["warm0", "warm1"]) {
      yield* prepare(lane, recorder, execution)
      lane.proxy.resetStats()
      yield* recorder.call(lane.store, execution, call(execution, "t0"))
    }
    const { bytesToClient, bytesToServer } = lane.proxy.stats()
    return { request: bytesToServer, reply: bytesToClient }
  })

/** What somebody else does while the reply is out: nobody may undo it later. */
const meddle = (n: number, id: string, tag: string): Call =>
  n % 2 === 0 ? { verb: "delete", id } : { verb: "save", id, version: 4, tag }

export interface Struck {
  readonly called: Called
  readonly judgement: Judgement
}

/** The call, struck; somebody else looks and writes before its client can come back. */
export const strike = (
  lane: Lane,
  call: (execution: string, tag: string) => Call,
  kind: Kind,
  { bytes, side }: Boundary,
  execution: string
): Effect.Effect<Struck, Proxy.ProxyError> =>
  Effect.gen(function*() {
    const { direct, proxy, store } = lane
    const recorder = Recorder.make()
    const asked = call(execution, "t9")
    const [place, id] = subjectOf(asked, execution)
    yield* prepare(lane, recorder, execution)
    // Back from the last strike, or the call would look for a connection and not be struck.
    yield* Effect.eventually(store.ping)
    yield* proxy.arm({ _tag: `${kind}In${side}`, bytes })
    if (kind === "Cut") yield* proxy.refuse()
    const calling = yield* Effect.fork(recorder.call(store, execution, asked))
    yield* Effect.raceFirst(proxy.struck(), Fiber.await(calling))
    yield* recorder.call(direct, place, { verb: "load", id })
    yield* recorder.call(direct, place, { verb: "count" })
    yield* recorder.call(direct, place, meddle(bytes, id, recorder.tag(false)))
    yield* proxy.accept()
    yield* proxy.resume()
    yield* Fiber.join(calling)
    yield* proxy.disarm()
    yield* recorder.call(direct, place, { verb: "load", id })
    for (const name of new Set([place, execution])) yield* recorder.call(direct, name, { verb: "list" })
    const called = recorder.events.find((event) => event._tag === "Called" && event.call === asked)
    return { called: called as Called, judgement: judge(recorder.events, "nothing") }
  })

const lostReplies = [0, 1].map((bytes): Boundary => ({ side: "Reply", bytes }))

const inRequests = Array.from({ length: 40 }, (_, i): Boundary => ({ side: "Request", bytes: 33 * i }))

/** Every verb, cut before its reply and here and there in its request, until something is wrong. */
export const cuts = (port: number, direct: Lane["direct"], subject: Subject) =>
  Effect.gen(function*() {
    const one = yield* lane(port, direct, subject)
    const strikes = [lostReplies, inRequests].flatMap((places) =>
      Object.values(verbs).flatMap((call) => places.map((place) => ({ call, place })))
    )
    for (const [n, { call, place }] of strikes.entries()) {
      const { judgement: { violations } } = yield* strike(one, call, "Cut", place, `m${String(n).padStart(4, "0")}`)
      if (violations.length > 0) return { violations, calls: n + 1 }
    }
    return { violations: [], calls: strikes.length }
  })
