import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "ioredis"
import { createRequire } from "node:module"
import { RedisServer } from "./RedisServer.js"

const installed = createRequire(import.meta.url)

describe("the ioredis under test", () => {
  it("is the major of the project, imported at the top or later", async () => {
    const name = process.env["IOREDIS_MAJOR"] === "5" ? "ioredis5" : "ioredis"
    assert.match(installed(`${name}/package.json`).version, new RegExp(`^${process.env["IOREDIS_MAJOR"]}\\.`))
    assert.strictEqual(Redis, installed(name).Redis)
    assert.strictEqual((await import("ioredis")).Redis, Redis)
  })

  it.scoped("talks to a private server", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ requirepass: "s3cret" })
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => new Redis(server.url)),
        (client) => Effect.sync(() => client.disconnect())
      )
      assert.strictEqual(yield* Effect.promise(() => client.ping()), "PONG")
    }))
})
