import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { input } from "../conformance/Bench.js"
import { hour, isAbout, large, minute, type Rule } from "./Bench.js"

export const lasting = (rule: Rule) =>
  describe("time to live", () => {
    rule("of a commit is that of the checkpoint, the index and the run", (bench) =>
      Effect.gen(function*() {
        const { index, memos, run } = bench.keys()
        yield* bench.as("a").claim()
        for (const state of ["small", large]) {
          yield* bench.as("a").commit(state === large ? 2 : 1, { state, ttl: 5 * hour })
          for (const key of [bench.checkpointKey("run@1"), index, run]) {
            isAbout(yield* bench.pttl(key), 5 * hour)
          }
        }
        yield* bench.as("a").memo(2, "step", "1")
        isAbout(yield* bench.pttl(memos), 5 * hour)
      }))

    rule("of the run outlasts neither the index nor falls short of the lease", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: minute })
        isAbout(yield* bench.pttl(bench.keys().run), hour)
      }))

    rule("is none for the run and the memos when the index has none", (bench) =>
      Effect.gen(function*() {
        const { memos, run } = bench.keys()
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1)
        yield* bench.as("a").commit(2, { ttl: hour })
        yield* bench.as("a").memo(2, "step", "1")
        yield* bench.answer(2, "asked", "1")
        assert.deepStrictEqual([yield* bench.pttl(run), yield* bench.pttl(memos)], [-1, -1])
      }))

    rule("of the run and the memos ends when the index becomes persistent", (bench) =>
      Effect.gen(function*() {
        const { memos, run } = bench.keys()
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: hour })
        yield* bench.as("a").memo(1, "step", "1")
        yield* bench.store.save(input("more", "run", 0), { ttl: 0 })
        yield* bench.as("a").memo(1, "step", "2")
        assert.deepStrictEqual([yield* bench.pttl(run), yield* bench.pttl(memos)], [-1, -1])
      }))

    rule("of the memos and the run is renewed with that of the head and the index, never shortened", (bench) =>
      Effect.gen(function*() {
        const { index, memos, run } = bench.keys()
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: 3 * hour })
        yield* bench.as("a").memo(1, "none", "1")
        for (const key of [bench.checkpointKey("run@1"), index, memos, run]) {
          isAbout(yield* bench.pttl(key), 3 * hour)
        }
        yield* bench.as("a").memo(1, "longer", "1", 7 * hour)
        for (const key of [bench.checkpointKey("run@1"), index, memos, run]) {
          isAbout(yield* bench.pttl(key), 7 * hour)
        }
        yield* bench.as("a").memo(1, "shorter", "1", 2 * hour)
        yield* bench.as("a").memo(1, "longer", "again", 9 * hour)
        for (const key of [bench.checkpointKey("run@1"), index, memos, run]) {
          isAbout(yield* bench.pttl(key), 9 * hour)
        }
        yield* bench.answer(1, "asked", "1")
        isAbout(yield* bench.pttl(memos), 9 * hour)
      }))

    rule("of a memo makes nothing volatile", (bench) =>
      Effect.gen(function*() {
        const { index, memos, run } = bench.keys()
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1)
        yield* bench.as("a").memo(1, "other", "1", hour)
        for (const key of [bench.checkpointKey("run@1"), index, memos, run]) {
          assert.strictEqual(yield* bench.pttl(key), -1)
        }
      }))

    rule("of a run that ends before its checkpoints does not cost the answer its wake-up", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: hour })
        yield* bench.as("a").release({ status: "waiting" })
        yield* bench.store.save(input("more", "run", 0), { ttl: 0 })
        yield* bench.store.save(input("run@1", "run", 1), { ttl: 0 })
        yield* bench.send("PEXPIREAT", bench.keys().run, 0)
        yield* bench.answer(1, "asked", "yes")
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("that refreshOnRead renews is renewed for the run and the memos too", (bench) =>
      Effect.gen(function*() {
        const { index, memos, run } = bench.keys()
        const store = yield* bench.storeWith({ ttl: 9 * hour, refreshOnRead: true })
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: 3 * hour })
        yield* bench.as("a").memo(1, "step", "1")
        yield* bench.as("a").release({ status: "waiting" })
        yield* store.latest("run")
        for (const key of [index, memos, run]) {
          isAbout(yield* bench.pttl(key), 9 * hour)
        }
      }))
  })
