/** Rounds of random clients under a fault, each judged when it ends. */
import { Effect, Schedule } from "effect"
import type { Violation } from "../races/invariants.js"
import { inspect } from "../races/invariants.js"
import * as Random from "../races/random.js"
import type { Opened } from "../races/stores.js"
import * as Clients from "./clients.js"
import { connect } from "./connect.js"
import type { Fault, Place } from "./fault.js"
import type { Called, Event } from "./history.js"
import { judge, type Judgement, sum } from "./judge.js"
import * as Parts from "./parts.js"
import * as Recorder from "./recorder.js"

/** Seconds for each fault. */
export const seconds = Number(process.env["FAULT_SECONDS"] ?? 4)

const fewestRounds = 2
const connections = 3
const clients = 5
const executions = 3

export interface Subject {
  /** Of the clients; the connections beside them are sound. */
  readonly storeOf: (opened: Opened) => Effect.Effect<Opened["store"]>
}

export const sound: Subject = { storeOf: ({ store }) => Effect.succeed(store) }

export interface Trial extends Judgement {
  readonly rounds: number
  readonly calls: ReadonlyArray<Called>
  readonly broken: ReadonlyArray<Violation>
  /** Executions whose next compare-and-set was told that acknowledged writes are gone. */
  readonly told: number
}

interface Stage {
  readonly fault: Fault
  readonly place: Place
  readonly stores: ReadonlyArray<Opened["store"]>
  /** On a connection of its own, beside whatever is between the clients and the server. */
  readonly direct: Opened["store"]
  readonly random: Random.Random
}

const recovered = (stage: Stage) =>
  Effect.forEach(
    [stage.direct, ...stage.stores],
    (store) => store.ping.pipe(Effect.retry(Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(500))))
  )

/** What a lossy server has lost is told by the next compare-and-set from where its execution was. */
const asked = (stage: Stage, recorder: Recorder.Recorder, names: ReadonlyArray<string>) => {
  const heads = Effect.forEach(names, (name) => recorder.call(stage.direct, name, { verb: "latest" }))
  return Effect.map(heads, (heads) =>
    Effect.forEach(heads, (outcome, i) => {
      const head = outcome._tag === "Ok" ? outcome.seen[0]?.version ?? 0 : 0
      return recorder.call(stage.direct, names[i]!, { verb: "append", after: head, tag: recorder.tag(false) })
    }))
}

/** Ids that were ever in an execution, by what was asked and told. */
const idsIn = (recorder: Recorder.Recorder, name: string): ReadonlyArray<string> => {
  const parts = Parts.ofAll(recorder.events).filter((part) => part._tag === "Called" && part.execution === name)
  return [...new Set(parts.flatMap((part) => part._tag === "Called" ? Parts.idsOf(part) : []))]
}

/** Everything that was ever at some id, as it is at rest. */
const readAll = (stage: Stage, recorder: Recorder.Recorder, names: ReadonlyArray<string>) =>
  Effect.forEach(names, (name) =>
    Effect.gen(function*() {
      const ids = idsIn(recorder, name)
      for (const id of ids) yield* recorder.call(stage.direct, name, { verb: "load", id })
      yield* recorder.call(stage.direct, name, { verb: "loadAll", ids })
      for (const verb of ["list", "stream", "count", "latest"] as const) {
        yield* recorder.call(stage.direct, name, { verb })
      }
    }))

const round = (stage: Stage, n: number) =>
  Effect.gen(function*() {
    const { fault, place, random } = stage
    const recorder = Recorder.make()
    const names = Array.from({ length: executions }, (_, i) => `${n}-${i}`)
    const lossy = fault.loses !== "nothing"
    yield* Clients.run({ stores: stage.stores, recorder, random, executions: names }, (watch) =>
      Effect.gen(function*() {
        const ask = lossy ? yield* asked(stage, recorder, names) : Effect.void
        yield* place.strike({ ...watch, happens: recorder.happens, random })
        yield* recovered(stage)
        yield* ask
      }))
    // Before the reads, which mend what they meet.
    const raw = yield* place.server.connect
    const { violations } = yield* inspect(raw, stage.direct.layout)
    yield* readAll(stage, recorder, names.flatMap((name) => [name, ...Clients.forksOf(name)]))
    const broken = fault.loses === "any key" ? violations.filter(({ rule }) => rule === "shape") : violations
    return { events: recorder.events, broken, judgement: judge(recorder.events, fault.loses) }
  }).pipe(Effect.scoped)

const calledIn = (events: ReadonlyArray<Event>) => events.filter((event) => event._tag === "Called")

const isTold = ({ outcome }: Called): boolean => outcome._tag === "Conflict" && outcome.isLoss

const staged = (fault: Fault, subject: Subject, random: Random.Random) =>
  Effect.gen(function*() {
    const place = yield* fault.start
    const opened = yield* Effect.replicateEffect(connect(place.options), connections)
    const made = yield* Effect.forEach(opened, subject.storeOf)
    const stores = Array.from({ length: clients }, (_, i) => made[i % connections]!)
    const direct = (yield* connect({ port: place.server.port })).store
    return { fault, place, stores, direct, random } satisfies Stage
  })

export interface Options {
  readonly subject?: Subject
  readonly stopAtFirst?: boolean
  /** How many times the usual time. */
  readonly patience?: number
}

/** Rounds until the time is over; with `stopAtFirst` until something is wrong. */
export const run = (fault: Fault, options: Options = {}) =>
  Effect.gen(function*() {
    const random = Random.make(Random.seedOf(fault.name))
    const stage = yield* staged(fault, options.subject ?? sound, random)
    const ends = performance.now() + seconds * 1_000 * (options.patience ?? 1)
    const rounds: Array<Effect.Effect.Success<ReturnType<typeof round>>> = []
    const isWrong = ({ broken, judgement }: typeof rounds[number]) =>
      broken.length + judgement.violations.length + judgement.undecided > 0
    while (rounds.length < fewestRounds || performance.now() < ends) {
      const last = yield* round(stage, rounds.length)
      rounds.push(last)
      if (options.stopAtFirst === true && isWrong(last)) break
    }
    const calls = rounds.flatMap(({ events }) => calledIn(events))
    return {
      ...sum(rounds.map(({ judgement }) => judgement)),
      rounds: rounds.length,
      calls,
      broken: rounds.flatMap(({ broken }) => broken),
      told: calls.filter(isTold).length
    } satisfies Trial
  }).pipe(Effect.scoped)
