/** Runs the contenders of a case in turns, so that what disturbs one round disturbs all of them. */
import { Effect } from "effect"
import type { Redis } from "ioredis"
import type { Case, Contender } from "./case.js"
import { nameOf } from "./case.js"
import { counters, idle, minus, type Work, workBetween } from "./server.js"
import { median, type Spread, spreadOf } from "./statistics.js"

export interface Effort {
  readonly rounds: number
  /** Milliseconds that a sample should take. */
  readonly sample: number
  /** Milliseconds on this process' processors for each contender before the first round. */
  readonly warmUp: number
  /** Milliseconds that all rounds of a case may take; fewer rounds when they would take more. */
  readonly patience: number
}

const fewestRounds = 3

/** Of one operation, in microseconds and bytes. */
interface Sample {
  readonly micros: number
  /** Of this process, all its threads. */
  readonly cpu: number
  readonly server: Work
}

/** Medians of one contender. */
export interface Result {
  readonly name: string
  readonly outside: boolean
  readonly micros: Spread
  readonly cpu: Spread
  readonly server: Work
  /** How often the baseline's time fits into this one: more than 1 is faster. By round. */
  readonly throughput: Spread
  /** The same for the time on this process' processors: less moved by what else the machine does. */
  readonly thrift: Spread
}

export interface Row {
  readonly name: string
  readonly verb: string
  readonly detail: string
  readonly bytes: number
  readonly fibers: number
  /** Operations a sample. */
  readonly count: number
  readonly rounds: number
  readonly baseline: Result
  readonly subjects: ReadonlyArray<Result>
}

const each = (work: Work, count: number): Work => ({
  execution: work.execution / count,
  cpu: work.cpu / count,
  bytesIn: work.bytesIn / count,
  bytesOut: work.bytesOut / count,
  reads: work.reads / count
})

const sampleOf = (redis: Redis, contender: Contender, fibers: number, common: number, still: Work) =>
  Effect.gen(function*() {
    const count = contender.count ?? common
    const before = yield* counters(redis)
    const cpuBefore = process.cpuUsage()
    const millis = yield* contender.run(count, fibers)
    const { system, user } = process.cpuUsage(cpuBefore)
    const server = minus(workBetween(before, yield* counters(redis)), still)
    return { micros: millis * 1000 / count, cpu: (user + system) / count, server: each(server, count) }
  })

const mostOperations = 20_000

/** Runs it until it is compiled, and finds out how many operations fill a sample. */
const warmUp = (contender: Contender, { fibers, reset = () => Effect.void }: Case, effort: Effort) =>
  Effect.gen(function*() {
    const begun = performance.now()
    const cpuBefore = process.cpuUsage()
    let [count, last, cold] = [fibers, 0, true]
    while (cold) {
      yield* reset(count)
      last = yield* contender.run(count, fibers)
      const { system, user } = process.cpuUsage(cpuBefore)
      // What idles gets no warmer.
      cold = (user + system) / 1000 < effort.warmUp && performance.now() - begun < effort.warmUp * 10
      if (cold && last < effort.sample) count = Math.min(count * 2, mostOperations)
    }
    return Math.max(fibers, Math.min(mostOperations, Math.round(effort.sample / last * count)))
  })

const resultOf = (
  { name, outside = false }: Contender,
  samples: ReadonlyArray<Sample>,
  base: ReadonlyArray<Sample>
): Result => ({
  name,
  outside,
  micros: spreadOf(samples.map(({ micros }) => micros)),
  cpu: spreadOf(samples.map(({ cpu }) => cpu)),
  server: {
    execution: median(samples.map(({ server }) => server.execution)),
    cpu: median(samples.map(({ server }) => server.cpu)),
    bytesIn: median(samples.map(({ server }) => server.bytesIn)),
    bytesOut: median(samples.map(({ server }) => server.bytesOut)),
    reads: median(samples.map(({ server }) => server.reads))
  },
  throughput: spreadOf(samples.map(({ micros }, round) => base[round]!.micros / micros)),
  thrift: spreadOf(samples.map(({ cpu }, round) => base[round]!.cpu / cpu))
})

const counted = (one: Case, contenders: ReadonlyArray<Contender>, effort: Effort) => {
  const { count, fibers, reset = () => Effect.void } = one
  const ours = contenders.filter((contender) => contender.count === undefined)
  return count === undefined
    ? Effect.map(Effect.forEach(ours, (contender) => warmUp(contender, one, effort)), (all) => Math.min(...all))
    : Effect.as(Effect.forEach(ours, ({ run }) => Effect.zipRight(reset(count), run(count, fibers))), count)
}

/** A round of its own, which is not counted, tells how many there is time for. */
const roundsFor = (round: Effect.Effect<unknown>, { patience, rounds }: Effort) =>
  Effect.suspend(() => {
    const started = performance.now()
    return Effect.map(round, () =>
      Math.min(rounds, Math.max(fewestRounds, Math.floor(patience / (performance.now() - started)))))
  })

export const race = (redis: Redis, one: Case, effort: Effort): Effect.Effect<Row> =>
  Effect.gen(function*() {
    yield* one.prepare ?? Effect.void
    const contenders = [one.baseline, ...one.subjects]
    const count = yield* counted(one, contenders, effort)
    const still = yield* idle(redis)
    const sample = (contender: Contender) =>
      Effect.zipRight(one.reset?.(count) ?? Effect.void, sampleOf(redis, contender, one.fibers, count, still))
    const rounds = yield* roundsFor(Effect.forEach(contenders, sample), effort)
    const samples = new Map(contenders.map((contender) => [contender, new Array<Sample>()]))
    globalThis.gc?.()
    for (let round = 0; round < rounds; round++) {
      const turn = round % contenders.length
      const order = [...contenders.slice(turn), ...contenders.slice(0, turn)]
      // What one leaves behind, garbage for the most part, is not to fall on the same other one in each round.
      for (const contender of round % 2 === 0 ? order : order.toReversed()) {
        samples.get(contender)!.push(yield* sample(contender))
      }
    }
    const result = (contender: Contender) => resultOf(contender, samples.get(contender)!, samples.get(one.baseline)!)
    const { bytes, detail = "", fibers, verb } = one
    const [baseline, ...subjects] = contenders.map(result)
    return { name: nameOf(one), verb, detail, bytes, fibers, count, rounds, baseline: baseline!, subjects }
  })
