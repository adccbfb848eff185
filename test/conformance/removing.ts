import { assert, describe } from "@effect/vitest"
import { Chunk, DateTime, Effect, Stream } from "effect"
import { type Bench, failure, input, plain, range, type Rule } from "./Bench.js"

/** A checkpoint as another writer puts it. */
const row = (metadata: string, timestamp = "2024-01-01T00:00:00.000Z"): string =>
  `{"id":"a","node_name":"n","state":1,"metadata":${metadata},"timestamp":"${timestamp}","version":1}`

export const deleting = (rule: Rule) =>
  describe("delete and clear", () => {
    rule("delete removes a checkpoint and its entry, once", ({ indexed, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* store.save(input("b", "run", 2))
        assert.isTrue(yield* store.delete("a"))
        assert.isFalse(yield* store.delete("a"))
        assert.deepStrictEqual(yield* indexed("run"), ["b"])
      }))

    rule("delete of the last one forgets the execution", ({ cluster, inExecutions, send, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* store.delete("a")
        assert.isFalse(yield* inExecutions("run"))
        // There it is another slot's, and drops out later.
        if (!cluster) {
          assert.strictEqual(yield* send("EXISTS", store.layout.executions), 0)
        }
      }))

    rule("delete removes what has no execution, or is no JSON", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", undefined, 1))
        yield* send("SET", checkpointKey("b"), "no JSON")
        assert.deepStrictEqual([yield* store.delete("a"), yield* store.delete("b")], [true, true])
      }))

    rule("delete removes the entry of a checkpoint whose JSON has a lone surrogate", ({ indexed, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1, { state: "half \ud83d of a pair" }))
        assert.isTrue(yield* store.delete("a"))
        assert.deepStrictEqual(yield* indexed("run"), [])
      }))

    rule("clear removes all of an execution and nothing else, once", (bench) =>
      Effect.gen(function*() {
        const { dump, indexKey, inExecutions, store } = bench
        yield* store.saveAll(
          range(3).map((version) =>
            input(`a${version}`, "run", version)
          )
        )
        yield* store.save(input("other", "another", 1))
        yield* store.save(input("alone", undefined, 1))
        assert.strictEqual(yield* store.clear("run"), 3)
        assert.strictEqual(yield* store.clear("run"), 0)
        assert.deepStrictEqual(
          (yield* dump(indexKey("run"))).map(({ type }) =>
            type
          ),
          ["none"]
        )
        assert.deepStrictEqual([yield* inExecutions("run"), yield* inExecutions("another")], [false, true])
        assert.deepStrictEqual([...(yield* store.loadAll(["a1", "a3", "other", "alone"])).keys()], ["other", "alone"])
      }))

    rule("clear counts what was there, without expired ones", ({ expire, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(
          range(3).map((version) =>
            input(`a${version}`, "run", version)
          )
        )
        yield* expire("a2")
        assert.strictEqual(yield* store.clear("run"), 2)
      }))

    rule.plain("clear deletes what other writers wrote of an execution", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        const long = "x".repeat(2_000)
        const rows = [
          row(`{"execution_id":"run","note":"${long}"}`),
          row(`{"execution_id":"run"}`, "2025-12-06T23:43:19.123456789+08:00"),
          row(`{"note":"{\\"execution_id\\":\\"other\\"}","execution_id":"run","write_id":"${long}"}`)
        ]
        for (const [i, text] of rows.entries()) {
          yield* store.save(input(`a${i}`, "run", i + 1))
          yield* send("SET", checkpointKey(`a${i}`, "run"), text)
        }
        assert.strictEqual(yield* store.clear("run"), 3)
        assert.strictEqual((yield* store.loadAll(["a0", "a1", "a2"])).size, 0)
      }))

    rule.plain("clear leaves what reads as if it were of an execution with quotes in its name", (bench) =>
      Effect.gen(function*() {
        const { checkpointKey, send, store } = bench
        const name = `run","note":"a`
        yield* store.save(input("a", name, 1))
        yield* send("SET", checkpointKey("a", name), row(`{"execution_id":"run","note":"a"}`))
        assert.strictEqual(yield* store.clear(name), 0)
        assert.strictEqual(yield* send("EXISTS", checkpointKey("a", name)), 1)
      }))
  })

const collect = ({ store }: Bench, options?: Parameters<Bench["store"]["executions"]>[0]) =>
  Effect.map(Stream.runCollect(store.executions(options)), Chunk.toReadonlyArray)

export const executions = (rule: Rule) =>
  describe("executions", () => {
    rule("come last saved first", (bench) =>
      Effect.gen(function*() {
        for (const run of ["a", "b", "c", "a"]) {
          yield* bench.store.save(input(`${run}1`, run, 1))
          yield* bench.send("ZADD", bench.layout.executions, { a: 3, b: 1, c: 2 }[run] ?? 0, run)
        }
        assert.deepStrictEqual(yield* collect(bench), ["a", "c", "b"])
      }))

    rule("move to the front with a save", (bench) =>
      Effect.gen(function*() {
        for (const run of ["a", "b"]) {
          yield* bench.store.save(input(`${run}1`, run, 1))
          yield* bench.send("ZADD", bench.layout.executions, run === "a" ? -2 : -1, run)
        }
        yield* bench.store.save(input("a2", "a", 2))
        assert.deepStrictEqual(yield* collect(bench), ["a", "b"])
      }))

    rule("come in pages, with limit and before", (bench) =>
      Effect.gen(function*() {
        const runs = range(250).map((i) => `run${String(i).padStart(3, "0")}`)
        yield* bench.store.saveAll(runs.map((run) => input(`of ${run}`, run, 1)))
        for (const [i, run] of runs.entries()) yield* bench.send("ZADD", bench.layout.executions, i * 1000, run)
        assert.deepStrictEqual(yield* collect(bench), runs.toReversed())
        for (const [limit, count] of [[120, 120], [0, 0], [-1, 0], [NaN, 0], [1.5, 1], [Infinity, 250]] as const) {
          assert.strictEqual((yield* collect(bench, { limit })).length, count, `limit ${limit}`)
        }
        const before = DateTime.unsafeMake(3)
        assert.deepStrictEqual(yield* collect(bench, { before }), ["run003", "run002", "run001"])
        assert.deepStrictEqual(yield* collect(bench, { before, limit: 1 }), ["run003"])
      }))

    rule("drop out when all their checkpoints have expired", (bench) =>
      Effect.gen(function*() {
        yield* bench.store.saveAll([input("a", "gone", 1), input("b", "half", 1), input("c", "half", 2)])
        yield* bench.expire("a", "c")
        assert.deepStrictEqual(yield* collect(bench), ["half"])
        assert.isFalse(yield* bench.inExecutions("gone"))
      }))
  })

const strip = (all: ReadonlyArray<Parameters<typeof plain>[0]>) =>
  all.map((it) => ({ ...plain(it), id: "", executionId: "" }))

export const copying = (rule: Rule) =>
  describe("copy", () => {
    const source: ReadonlyArray<readonly [string, number]> = [["a", 0], ["b", 1], ["c", 1], ["d", 1], ["e", 7]]
    const saveSource = ({ store }: Bench) =>
      store.saveAll(source.map(([id, version]) =>
        input(id, "from", version, { state: { of: id }, metadata: { by: id }, unknownFields: { also: id } })
      ))

    rule("forks all checkpoints in order, ties and version 0 too, and leaves the source", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        yield* saveSource(bench)
        const before = yield* bench.dump(
          bench.indexKey("from"),
          ...source.map(([id]) =>
            bench.checkpointKey(id)
          )
        )
        assert.strictEqual(yield* store.copy("from", "to"), 5)
        const copies = yield* store.list("to")
        assert.deepStrictEqual(strip(copies), strip(yield* store.list("from")))
        for (const { id } of copies) {
          assert.match(id, /^to@/)
        }
        const after = yield* bench.dump(
          bench.indexKey("from"),
          ...source.map(([id]) =>
            bench.checkpointKey(id)
          )
        )
        assert.deepStrictEqual(after, before)
      }))

    for (const version of [1, 0, -1]) {
      rule(`fails with a conflict and changes nothing when the target has version ${version}`, (bench) =>
        Effect.gen(function*() {
          yield* saveSource(bench)
          yield* bench.store.save(input("there", "to", version))
          yield* failure("CheckpointConflict", bench.store.copy("from", "to"))
          assert.deepStrictEqual(yield* bench.ids("to"), ["there"])
        }))
    }

    rule("of nothing copies nothing", ({ store }) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* store.copy("none", "to"), 0)
        assert.strictEqual(yield* store.count("to"), 0)
      }))

    rule("to itself is a conflict", (bench) =>
      Effect.gen(function*() {
        yield* saveSource(bench)
        yield* failure("CheckpointConflict", bench.store.copy("from", "from"))
        assert.strictEqual(yield* bench.store.count("from"), 5)
      }))

    rule("copies 1,100 with many of one version across pages", ({ store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(
          range(1100).map((i) =>
            input(`c${String(i).padStart(4, "0")}`, "from", Math.floor(i / 700))
          )
        )
        assert.strictEqual(yield* store.copy("from", "to"), 1100)
        const states = (run: string) =>
          Effect.map(store.list(run), (all) => all.map(({ state }) => state))
        assert.deepStrictEqual(yield* states("to"), yield* states("from"))
      }))
  })
