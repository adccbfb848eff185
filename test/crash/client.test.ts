import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Schedule } from "effect"
import { spawn } from "node:child_process"
import * as KeyLayout from "../../src/services/KeyLayout.js"
import { check } from "../races/invariants.js"
import * as Random from "../races/random.js"
import * as Snapshot from "../races/snapshot.js"
import { killOnExit } from "../support/ChildProcesses.js"
import type { RawRedis } from "../support/RawRedis.js"
import { RedisServer } from "../support/RedisServer.js"
import { bundled } from "./bundle.js"
import type { Contents } from "./lane.js"
import * as Lane from "./lane.js"
import { line, stored } from "./stored.js"

const kills = 12
const lanes = ["one", "two", "three"]

class WorkerEnded extends Data.TaggedError("WorkerEnded")<{ readonly complaint: string }> {}

interface Run {
  readonly worker: string
  readonly port: number
  readonly prefix: string
  readonly seed: number
  /** Killed at the first sight of so many acknowledgements. */
  readonly after: number
}

/** How many operations of each lane were acknowledged before the process was killed. */
const killed = ({ after, port, prefix, seed, worker }: Run) =>
  Effect.async<ReadonlyMap<string, number>, WorkerEnded>((resume) => {
    const args = [worker, String(port), prefix, String(seed), lanes.join()]
    const child = killOnExit(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] }))
    let acknowledged = ""
    let complaint = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      acknowledged += text
      if (acknowledged.split("\n").length > after) child.kill("SIGKILL")
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text
    })
    child.once("close", (_, signal) => {
      const names = acknowledged.split("\n")
      resume(
        signal === "SIGKILL"
          ? Effect.succeed(new Map(lanes.map((lane) => [lane, names.filter((name) => name === lane).length])))
          : Effect.fail(new WorkerEnded({ complaint }))
      )
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Until the server has read what the dead client had sent. */
const forgotten = (raw: RawRedis, name: string) =>
  Effect.repeat(raw.send("CLIENT", "LIST"), {
    until: (clients) => !String(clients).includes(`name=${name} `),
    schedule: Schedule.intersect(Schedule.spaced("5 millis"), Schedule.recurs(1_000))
  })

const lines = (contents: Contents) =>
  [...contents].map(([id, kept]) => `${id} ${line(kept.executionId, kept.version, kept.state)}`).toSorted()

/** What a lane may hold: everything acknowledged, and the operation after it entirely or not at all. */
const allowed = (seed: number, name: string, acknowledged: number) => {
  const lane = Lane.make(seed, name)
  let contents: Contents = new Map()
  for (let i = 0; i < acknowledged; i++) contents = lane.next().contents
  return [lines(contents), lines(lane.next().contents)]
}

const tally = { acknowledged: 0, inFlightApplied: 0, staged: 0 }

const judge = (raw: RawRedis, run: Run, acknowledged: ReadonlyMap<string, number>) =>
  Effect.gen(function*() {
    const layout = KeyLayout.make({ prefix: run.prefix })
    const snapshot = yield* Snapshot.take(raw, run.prefix)
    const report = check(snapshot, layout)
    assert.deepStrictEqual(report.violations, [], `SEED=${run.seed} after ${run.after}`)
    const all = [...stored(snapshot, layout)].map(([id, line]) => `${id} ${line}`).toSorted()
    for (const [i, name] of lanes.entries()) {
      const found = all.filter((line) => line.startsWith(name))
      const count = acknowledged.get(name) ?? 0
      const [without, withNext] = allowed(run.seed + i, name, count)
      const expected = found.join() === withNext!.join() ? withNext : without
      assert.deepStrictEqual(found, expected, `SEED=${run.seed}: lane ${name} after ${count} acknowledgements`)
      tally.acknowledged += count
      if (expected === withNext) tally.inFlightApplied++
    }
    tally.staged += report.staged
  })

describe("a client that is killed", () => {
  it.scopedLive("leaves what was acknowledged, and of the rest all or nothing", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const worker = yield* bundled(new URL("./worker.ts", import.meta.url))
      const random = Random.make(Random.seedOf("killed clients"))
      const runs = Array.from({ length: kills }, (_, i): Run => ({
        worker,
        port: server.port,
        prefix: `kill${i}:`,
        seed: random.integer(2 ** 31),
        after: 1 + random.integer(400)
      }))
      yield* Effect.forEach(runs, (run) =>
        Effect.scoped(Effect.gen(function*() {
          const raw = yield* server.connect
          const acknowledged = yield* killed(run)
          yield* forgotten(raw, run.prefix)
          yield* judge(raw, run, acknowledged)
        })), { concurrency: 2 })
      console.log(`${kills} kills:`, JSON.stringify(tally))
      assert.isAbove(tally.acknowledged, 0)
    }), 120_000)
})
