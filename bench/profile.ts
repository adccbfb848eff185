/** Where the time of one verb goes: self time by owner, in this process and on the server. */
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { type Case, type Contender, nameOf } from "./case.js"
import { only, write } from "./flags.js"
import * as Ladder from "./groups/ladder.js"
import { heads, listings, loads } from "./groups/reading.js"
import { saving } from "./groups/saving.js"
import { machineWithServer } from "./machine.js"
import { byOwner, hottest, type Owner, owners } from "./profile/owners.js"
import { profiled } from "./profile/profiler.js"
import { type Section, writeSections } from "./report/sections.js"
import { writeResults } from "./results.js"
import { counters, type Work, workBetween } from "./server.js"
import { markdown } from "./table.js"
import { World } from "./world.js"

const [warmUp, watched] = [2_000, 3_000]
const batch = 500
const defaults = /^((save|load|latest) 1 KiB x 64|list 1000 of 1 KiB x 1)$/
const chosen = only.source === "(?:)" ? defaults : only

interface Profiled {
  readonly name: string
  readonly count: number
  /** Microseconds on this process' processors, an operation, while nobody samples. */
  readonly cpu: number
  readonly owners: ReadonlyMap<Owner, number>
  readonly server: Work
  readonly hottest: ReadonlyArray<readonly [string, number]>
}

/** Batches for so many milliseconds on the processors; how many operations there were. */
const repeat = (contender: Contender, { fibers, reset, verb }: Case, millis: number) =>
  Effect.gen(function*() {
    const size = verb === "list" ? fibers : Math.max(batch, fibers)
    const before = process.cpuUsage()
    let [count, spent] = [0, 0]
    while (spent < millis * 1000) {
      yield* reset?.(size) ?? Effect.void
      yield* contender.run(size, fibers)
      count += size
      const { system, user } = process.cpuUsage(before)
      spent = user + system
    }
    return { count, cpu: spent / count }
  })

const profile = (contender: Contender, one: Case) =>
  Effect.gen(function*() {
    const { server } = yield* World
    yield* repeat(contender, one, warmUp)
    const { cpu } = yield* repeat(contender, one, watched / 2)
    const before = yield* counters(server)
    let count = 0
    const found = yield* profiled(Effect.map(repeat(contender, one, watched), (done) => count = done.count))
    const work = workBetween(before, yield* counters(server))
    mkdirSync(".tmp/bench/profile", { recursive: true })
    const file = `${nameOf(one)} ${contender.name}`.replaceAll(/\W+/g, "-")
    writeFileSync(`.tmp/bench/profile/${file}.cpuprofile`, JSON.stringify(found))
    return { name: contender.name, count, cpu, owners: byOwner(found), server: work, hottest: hottest(found, 15) }
  })

const busy = ({ owners }: Profiled): number =>
  [...owners].reduce((sum, [owner, micros]) => owner === "idle" ? sum : sum + micros, 0)

/** Sampling slows things down: its shares, of the time without it. */
const cell = (side: Profiled, micros: number): string => {
  const share = micros / busy(side)
  return `${(share * side.cpu).toPrecision(3)} us, ${(100 * share).toFixed(0)} %`
}

const sectionsOf = (one: Case, ours: Profiled, bare: Profiled): ReadonlyArray<Section> => {
  const sides = [ours, bare]
  const rows = owners.filter((owner) => owner !== "idle").map((owner) => [
    owner,
    ...sides.map((side) => cell(side, side.owners.get(owner) ?? 0))
  ])
  const server = (field: "execution" | "cpu") =>
    sides.map((side) => `${(side.server[field] / side.count).toPrecision(3)} us`)
  rows.push(["this process", ...sides.map(({ cpu }) => `${cpu.toPrecision(3)} us`)])
  rows.push(["server, execution", ...server("execution")], ["server, main thread", ...server("cpu")])
  const hot = ours.hottest.map(([name, micros]) => [name, cell(ours, micros)])
  return [
    { name: `profile-${one.verb}`, text: markdown([nameOf(one), ours.name, bare.name], rows) },
    { name: `hottest-${one.verb}`, text: markdown([`functions of ${nameOf(one)}`, "self time"], hot) }
  ]
}

const plain = ({ owners, ...rest }: Profiled) => ({ ...rest, owners: Object.fromEntries(owners) })

const program = Effect.gen(function*() {
  const cases: Array<object> = []
  console.log(machineWithServer())
  for (const group of [saving, loads, heads, listings]) {
    for (const one of yield* group(Ladder.full)) {
      if (!chosen.test(nameOf(one))) continue
      yield* one.prepare ?? Effect.void
      const ours = yield* profile(one.subjects[0]!, one)
      const bare = yield* profile(one.baseline, one)
      const sections = sectionsOf(one, ours, bare)
      for (const { text } of sections) console.log(`\n${text}`)
      if (write) writeSections("docs/performance.md", sections)
      cases.push({ name: nameOf(one), ours: plain(ours), bare: plain(bare) })
    }
  }
  yield* writeResults("profile", { machine: machineWithServer(), cases })
})

await Effect.runPromise(Effect.provide(program, World.layer))
