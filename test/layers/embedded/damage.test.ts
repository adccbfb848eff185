import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { seal } from "../../../src/internal/journalEntry.js"
import { RedisConnectionError } from "../../../src/schema/Errors.js"
import { Disk, session } from "./Disk.js"
import { contents, pipeline, programs, runAll, send } from "./workload.js"

const filled = (journalBytes: number) =>
  Effect.gen(function*() {
    const disk = new Disk()
    yield* session(disk.store, { journalBytes })(runAll)
    return disk
  })

const whole = filled(1_000_000)
const compacted = filled(2500)

const text = (disk: Disk, key: string) => disk.files.get(key) ?? assert.fail(`no ${key}`)

const withFile = (disk: Disk, key: string, content: string | undefined) => {
  const changed = disk.reboot()
  if (content === undefined) changed.files.delete(key)
  else changed.files.set(key, content)
  return changed
}

const flip = (content: string, at: number) =>
  content.slice(0, at) + String.fromCharCode(content.charCodeAt(at) ^ 1) + content.slice(at + 1)

const withoutOwner = (disk: Disk) => [...disk.files].filter(([key]) => key !== "owner")

/** Opening fails, says which entry it is, and changes nothing. */
const refuses = (disk: Disk, key: string, what: string) =>
  Effect.gen(function*() {
    const before = withoutOwner(disk)
    const error = yield* Effect.flip(session(disk.store)(Effect.void))
    assert.instanceOf(error, RedisConnectionError)
    assert.deepInclude(error, { reason: "Storage", outcome: "NotSent" })
    assert.match(String(error.cause), new RegExp(`The entry ${key} `), what)
    assert.deepStrictEqual(withoutOwner(disk), before, what)
  })

describe("EmbeddedLive.redis on a damaged store", () => {
  it.effect("drops a last entry that is cut off at any byte, and goes on from there", () =>
    Effect.gen(function*() {
      const disk = yield* whole
      const last = `journal-${programs.length}`
      const content = text(disk, last)
      const before = yield* contents(withFile(disk, last, undefined).store)
      for (let length = 0; length < content.length; length++) {
        const torn = withFile(disk, last, content.slice(0, length))
        yield* session(torn.store)(Effect.void)
        assert.deepStrictEqual(yield* contents(torn.store), before, `${length} characters`)
      }
      const torn = withFile(disk, last, content.slice(0, -1))
      yield* session(torn.store)(pipeline(send("SET", "after", "1")))
      assert.strictEqual(yield* session(torn.store)(pipeline(send("GET", "after"))), "1")
    }))

  it.effect("refuses an earlier entry that is cut off, changed in any byte, or gone", () =>
    Effect.gen(function*() {
      const disk = yield* whole
      const content = text(disk, "journal-4")
      for (let at = 0; at < content.length; at++) {
        yield* refuses(withFile(disk, "journal-4", flip(content, at)), "journal-4", `byte ${at} changed`)
        yield* refuses(withFile(disk, "journal-4", content.slice(0, at)), "journal-4", `cut off at ${at}`)
      }
      yield* refuses(withFile(disk, "journal-4", undefined), "journal-4", "gone")
      yield* refuses(withFile(disk, "journal-4", text(disk, "journal-3")), "journal-4", "another entry")
    }))

  it.effect("refuses a last entry whose bytes changed after they were written", () =>
    Effect.gen(function*() {
      const disk = yield* whole
      const last = `journal-${programs.length}`
      const content = text(disk, last)
      const body = content.indexOf("\n") + 1
      for (let at = body; at < content.length; at++) {
        yield* refuses(withFile(disk, last, flip(content, at)), last, `byte ${at} changed`)
      }
    }))

  it.effect("refuses a snapshot that is cut off, changed, or gone", () =>
    Effect.gen(function*() {
      const disk = yield* compacted
      const key = [...disk.files.keys()].find((it) => it.startsWith("snapshot-")) ?? ""
      const content = text(disk, key)
      for (let at = 0; at < content.length; at += 5) {
        yield* refuses(withFile(disk, key, flip(content, at)), key, `byte ${at} changed`)
        yield* refuses(withFile(disk, key, content.slice(0, at)), key, `cut off at ${at}`)
      }
      yield* refuses(withFile(disk, key, undefined), key, "gone")
      yield* refuses(withFile(disk, key, seal({ number: 0, now: 0, lines: [] })), key, "of another generation")
    }))

  it.effect("never goes back to an older state when a head is lost or cut off", () =>
    Effect.gen(function*() {
      for (const size of [2500, 6000]) {
        const disk = yield* filled(size)
        const state = yield* contents(disk.store)
        const heads = [...disk.files.keys()].filter((key) => key.startsWith("head-"))
        assert.strictEqual(heads.length, size === 2500 ? 2 : 1)
        for (const key of heads) {
          const content = text(disk, key)
          for (const rest of [undefined, ...Array.from(content, (_, at) => content.slice(0, at))]) {
            const changed = withFile(disk, key, rest)
            const opened = yield* Effect.either(session(changed.store)(Effect.void))
            if (opened._tag === "Right") assert.deepStrictEqual(yield* contents(changed.store), state)
            else assert.deepInclude(opened.left, { reason: "Storage" })
          }
        }
      }
    }))
})
