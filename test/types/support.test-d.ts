import type { Effect, Layer, Scope } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import type * as Proxy from "../support/Proxy.js"
import { RedisServer, type RedisServerError } from "../support/RedisServer.js"

describe("RedisServer", () => {
  it("needs nothing as a layer, and only a scope as an effect", () => {
    expectTypeOf(RedisServer.layer()).toEqualTypeOf<Layer.Layer<RedisServer, RedisServerError>>()
    expectTypeOf(RedisServer.make()).toExtend<Effect.Effect<unknown, RedisServerError, Scope.Scope>>()
  })

  it("refuses options it does not know", () => {
    // @ts-expect-error
    RedisServer.layer({ password: "x" })
  })
})

describe("Proxy", () => {
  it("refuses a fault without its number of bytes", () => {
    expectTypeOf<{ _tag: "CutInReply" }>().not.toExtend<Proxy.Fault>()
    expectTypeOf<{ _tag: "CutInReply"; bytes: number }>().toExtend<Proxy.Fault>()
  })
})
