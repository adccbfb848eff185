import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"

const root = new URL("../../", import.meta.url)

interface Resolved {
  readonly by: string
  readonly url: string
}

/** What a fresh process has resolved when a script on the modules of `src` is done. */
const resolvedBy = async (script: string): Promise<ReadonlyArray<Resolved>> => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "loading-"))
  const listing = path.join(directory, "listing")
  try {
    await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--import", "./test/startup/listing.mjs", "--input-type=module", "--eval", script],
      { cwd: root, env: { ...process.env, LISTING: listing } }
    )
    const lines = fs.readFileSync(listing, "utf8").trim().split("\n").map((line) => line.split(" "))
    return lines.map(([by = "", url = ""]) => ({ by, url }))
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
}

/** What is loaded only when it is needed. */
const nameOf = ({ by, url }: Resolved): string | undefined => {
  // Others have reasons of their own for zlib.
  if (url === "node:zlib") return by.includes("/src/internal/codec/") ? "zlib" : undefined
  return /node_modules\/(ioredis|msgpackr)\//.exec(url)?.[1]
}

const loadedBy = async (script: string): Promise<ReadonlyArray<string>> => {
  const all = await resolvedBy(script)
  assert.isTrue(all.some(({ by }) => by.includes("/src/")))
  return [...new Set(all.flatMap((resolved) => nameOf(resolved) ?? []))].toSorted()
}

const use = (layer: string) => `
  import { Effect } from "effect"
  import { CheckpointStore, RedisLive, StateCodec, TestMemory } from "./src/index.ts"
  const program = Effect.flatMap(
    CheckpointStore.CheckpointStore,
    (store) => store.append("run", { nodeName: "n", state: "x".repeat(9999) })
  )
  await Effect.runPromiseExit(Effect.provide(program, ${layer}))`

const codec = "StateCodec.messagePack.pipe(StateCodec.compressed())"

const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<string>]> = [
  ["TestMemory alone", "await import(\"./src/layers/TestMemory.ts\")", []],
  ["the entry point, with all modules", "await import(\"./src/index.ts\")", []],
  ["a store in memory that is used", use("TestMemory.layer()"), []],
  ["a codec that is used", use(`TestMemory.layer({ codec: ${codec} })`), ["msgpackr", "zlib"]],
  ["a live layer that is built", use("RedisLive.layer({ port: 1 })"), ["ioredis"]]
]

describe("of ioredis, msgpackr and zlib", () => {
  for (const [what, script, expected] of cases) {
    it(`${what} loads ${expected.length === 0 ? "nothing" : expected.join(" and ")}`, async () => {
      assert.deepStrictEqual(await loadedBy(script), expected)
    })
  }
})
