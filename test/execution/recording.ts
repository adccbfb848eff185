import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { CheckpointConflict } from "../../src/schema/Errors.js"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import { input } from "../conformance/Bench.js"
import { type Bench, changesNothing, hour, type Rule } from "./Bench.js"

const begun = (bench: Bench) =>
  Effect.gen(function*() {
    yield* bench.as("a").claim()
    yield* bench.as("a").commit(1)
    yield* bench.as("a").commit(2)
  })

const conflicting = (bench: Bench, effect: Effect.Effect<unknown, unknown>, expected: number, actual: number) =>
  Effect.map(changesNothing(bench, "CheckpointConflict", effect), (error) => {
    const conflict = error as CheckpointConflict
    assert.deepStrictEqual([conflict.executionId, conflict.expected, conflict.actual], ["run", expected, actual])
  })

const texts: ReadonlyArray<string> = [
  "",
  " ",
  ":",
  "1:",
  "a:b:c",
  "\"'`\\",
  "\u0000",
  "nul\u0000inside",
  "\r\n$4\r\n",
  "é😀",
  "\u2028\ufeff",
  "__proto__",
  "-0",
  "{\"deep\":[null]}",
  "%s ${x} ]]",
  "é".repeat(600),
  "x".repeat(102_400)
]

export const remembering = (rule: Rule) =>
  describe("memo", () => {
    rule("records under the head, and gives what it recorded", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const before = yield* bench.run()
        assert.strictEqual(yield* bench.as("a").memo(2, "step", "1"), "1")
        assert.deepStrictEqual(yield* bench.memos(), { "2:step": "1" })
        assert.deepStrictEqual(yield* bench.run(), before)
      }))

    rule("gives what was first to all who come later, and changes nothing", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").memo(2, "step", "1")
        const before = yield* bench.keyspace("run")
        assert.strictEqual(yield* bench.as("a").memo(2, "step", "2"), "1")
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
      }))

    rule("lets one of many at once win, and tells all the same", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const all = Array.from({ length: 20 }, (_, i) => bench.as("a").memo(2, "step", `v${i}`))
        const values = new Set(yield* Effect.all(all, { concurrency: "unbounded" }))
        assert.strictEqual(values.size, 1)
        assert.deepStrictEqual([...values], Object.values(yield* bench.memos()))
      }))

    rule("under another head is a conflict with both versions, and changes nothing", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").memo(2, "step", "1")
        for (const base of [0, 1, 3]) yield* conflicting(bench, bench.as("a").memo(base, "other", "x", hour), base, 2)
        yield* bench.store.save(input("theirs", "run", 5))
        yield* conflicting(bench, bench.as("a").memo(2, "other", "x"), 2, 5)
      }))

    rule("without a head is a conflict with version 0, also by base 0", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* conflicting(bench, bench.as("a").memo(1, "step", "x"), 1, 0)
        yield* conflicting(bench, bench.as("a").memo(0, "step", "x"), 0, 0)
      }))

    rule("looks at the head that lives", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").commit(3, { ttl: hour })
        yield* bench.expire("run@3")
        yield* conflicting(bench, bench.as("a").memo(3, "step", "x"), 3, 2)
        assert.strictEqual(yield* bench.as("a").memo(2, "step", "x"), "x")
      }))

    rule("is Fenced and changes nothing without the lease", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* changesNothing(bench, "Fenced", bench.as("b").memo(2, "step", "x"))
        yield* bench.as("b").claim({ steal: true })
        yield* changesNothing(bench, "Fenced", bench.as("a").memo(2, "step", "x", hour))
        yield* changesNothing(bench, "Fenced", bench.as("").memo(2, "step", "x"))
        yield* bench.as("b").release({ status: "waiting" })
        yield* changesNothing(bench, "Fenced", bench.as("").memo(2, "step", "x"))
      }))

    rule("keeps any field and any value as it is", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        for (const [i, text] of texts.entries()) {
          const value = texts[texts.length - 1 - i]!
          assert.strictEqual(yield* bench.as("a").memo(2, text, value), value)
          assert.strictEqual(yield* bench.as("a").memo(2, text, "second"), value)
        }
        const { memos } = yield* bench.redis.pipeline(ExecutionProgram.memos(bench.layout, "run", "0"))
        const expected = texts.map((text, i) => [`2:${text}`, texts[texts.length - 1 - i]!] as const)
        assert.deepStrictEqual(new Map([...memos].toSorted()), new Map(expected.toSorted()))
      }))
  })

export const answering = (rule: Rule) =>
  describe("answer", () => {
    rule("needs no token, wakes what waits, and gives what it recorded", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "waiting" })
        assert.deepStrictEqual(yield* bench.due(), [])
        assert.strictEqual(yield* bench.answer(2, "asked", "yes"), "yes")
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.strictEqual((yield* bench.run())["status"], "answered")
        assert.deepStrictEqual(yield* bench.memos(), { "2:asked": "yes" })
        assert.strictEqual((yield* bench.as("b").claim()).epoch, 2)
        const run = yield* bench.run()
        assert.strictEqual(run["status"], "running")
        assert.notProperty(run, "answered")
      }))

    rule("wakes what sleeps", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "sleeping", at: 9e15 })
        assert.deepStrictEqual(yield* bench.due(), [])
        yield* bench.answer(2, "asked", "yes")
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.strictEqual((yield* bench.run())["status"], "answered")
      }))

    rule("that comes while it runs wakes it instead of letting it sleep", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.answer(2, "asked", "yes")
        yield* bench.as("a").release({ status: "sleeping", at: 9e15 })
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.strictEqual((yield* bench.run())["status"], "answered")
      }))

    rule("that comes while it runs wakes it as soon as it waits", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const dueAt = yield* bench.dueAt()
        yield* bench.answer(2, "asked", "yes")
        assert.strictEqual(yield* bench.dueAt(), dueAt)
        assert.strictEqual((yield* bench.run())["status"], "running")
        yield* bench.as("a").release({ status: "waiting" })
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.strictEqual((yield* bench.run())["status"], "answered")
      }))

    rule("that came before the claim wakes nobody again", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "waiting" })
        yield* bench.answer(2, "asked", "yes")
        yield* bench.as("b").claim()
        yield* bench.as("b").release({ status: "waiting" })
        assert.deepStrictEqual(yield* bench.due(), [])
        assert.strictEqual((yield* bench.run())["status"], "waiting")
      }))

    rule("that came since the claim is not forgotten by the same claim sent again", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.answer(2, "asked", "yes")
        yield* bench.as("a").claim()
        yield* bench.as("a").release({ status: "waiting" })
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    for (
      const release of [
        { status: "failed" },
        { status: "stopped", delay: hour }
      ] as const
    ) {
      rule(`does not wake what is ${release.status}`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* bench.as("a").release(release)
          yield* bench.answer(2, "asked", "yes")
          assert.deepStrictEqual(yield* bench.due(), [])
          assert.strictEqual((yield* bench.run())["status"], release.status)
        }))

      rule(`that came while it ran does not wake what is released as ${release.status}`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* bench.answer(2, "asked", "yes")
          yield* bench.as("a").release(release)
          assert.deepStrictEqual(yield* bench.due(), [])
          assert.strictEqual((yield* bench.run())["status"], release.status)
        }))
    }

    rule("is the first one for all, and is shared with the memos", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "waiting" })
        assert.strictEqual(yield* bench.answer(2, "asked", "yes"), "yes")
        const before = yield* bench.keyspace("run")
        assert.strictEqual(yield* bench.answer(2, "asked", "no"), "yes")
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
        yield* bench.as("b").claim()
        assert.strictEqual(yield* bench.as("b").memo(2, "asked", "no"), "yes")
      }))

    rule("is a conflict that changes nothing when the head has moved, or is none", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "waiting" })
        for (const base of [0, 1, 3]) {
          yield* conflicting(bench, bench.answer(base, "asked", "yes"), base, 2)
        }
        yield* bench.store.clear("run")
        yield* conflicting(bench, bench.answer(2, "asked", "yes"), 2, 0)
        yield* conflicting(bench, bench.answer(0, "asked", "yes"), 0, 0)
      }))

    rule("to what nobody runs makes it neither due nor running", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "completed" })
        yield* bench.answer(2, "asked", "yes")
        assert.deepStrictEqual([yield* bench.run(), yield* bench.dueAt()], [{}, null])
      }))

    rule("keeps any field and any value as it is", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        for (const text of texts) {
          assert.strictEqual(yield* bench.answer(2, text, text), text)
          assert.strictEqual(yield* bench.answer(2, text, "second"), text)
        }
        assert.strictEqual(Object.keys(yield* bench.memos()).length, texts.length)
      }))
  })

const readAll = (bench: Bench) =>
  Effect.gen(function*() {
    const all = new Map<string, string>()
    let cursor = "0"
    let pages = 0
    do {
      const page = yield* bench.redis.pipeline(ExecutionProgram.memos(bench.layout, "run", cursor))
      for (const [field, value] of page.memos) all.set(field, value)
      cursor = page.cursor
      pages++
    } while (cursor !== "0")
    return { all, pages }
  })

export const paging = (rule: Rule) =>
  describe("memos", () => {
    rule("of nothing are one empty page", (bench) =>
      Effect.map(readAll(bench), ({ all, pages }) => {
        assert.deepStrictEqual([all.size, pages], [0, 1])
      }))

    rule("by the thousand come complete, by their cursor", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const fields = Array.from({ length: 3000 }, (_, i) => `step ${i}`)
        yield* Effect.forEach(fields, (field) => bench.as("a").memo(2, field, `of ${field}`), {
          concurrency: 50,
          discard: true
        })
        const { all } = yield* readAll(bench)
        assert.deepStrictEqual(all.size, 3000)
        for (const field of fields) assert.strictEqual(all.get(`2:${field}`), `of ${field}`)
      }))
  })
