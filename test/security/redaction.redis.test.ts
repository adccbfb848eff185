/** No secret and no payload in any span, log, metric, error or line on the console. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Redacted, Schedule } from "effect"
import { RedisLive } from "effect-checkpoint"
import { RedisServer } from "../support/RedisServer.js"
import { damaged } from "./damaged.js"
import { password, payload, shownIn } from "./marks.js"
import { disconnected, refused, type Scenario, tours } from "./refusing.js"
import { setTour } from "./tours.js"
import { Witness } from "./Witness.js"

type Server = typeof RedisServer.Service

/** All that is seen of a scenario, with the layer built for each of its programs. */
const watch = (server: Server, { options, prepare, programs }: Scenario) =>
  Effect.gen(function*() {
    const witness = new Witness()
    const extra = options === undefined ? {} : yield* options(server)
    if (prepare !== undefined) yield* prepare(server)
    const place = { host: "127.0.0.1", port: server.port, password: Redacted.make(password) }
    const layer = RedisLive.layer({
      ...(extra.url === undefined ? place : {}),
      prefix: "shop:",
      retry: Schedule.stop,
      ...extra
    })
    yield* Effect.forEach(programs, (program) => witness.watch(Effect.provide(program, layer)))
    return witness
  })

const holds = (scenario: Scenario) =>
  Effect.gen(function*() {
    const server = yield* RedisServer.make({ requirepass: password })
    const witness = yield* watch(server, scenario)
    for (const failure of scenario.failures) assert.include([...witness.failures], failure)
    assert.deepStrictEqual(shownIn(witness.text()), [])
    return witness
  })

describe("redaction", () => {
  it.scopedLive("a witness finds a mark in a log, a span, an error and a metric", () =>
    Effect.gen(function*() {
      const shows: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        Effect.logInfo("said", { payload }),
        Effect.withSpan(Effect.void, "span", { attributes: { payload } }),
        Effect.fail({ _tag: "Told", deep: [{ payload }] }),
        Effect.fail(new Cause.UnknownException(new Error(payload), "outer")),
        Effect.die(Buffer.from(payload).toString("base64")),
        Effect.sync(() => console.warn(encodeURIComponent(payload)))
      ]
      for (const show of shows) {
        const witness = new Witness()
        yield* witness.watch(show)
        assert.isNotEmpty(shownIn(witness.text()))
      }
    }))

  it.scopedLive("every verb, where all goes well", () =>
    Effect.gen(function*() {
      const { counts, failures } = yield* holds({ name: "", failures: [], programs: tours })
      assert.deepStrictEqual([...failures], [])
      assert.isAbove(counts.spans, 100)
      const set: Scenario = {
        name: "",
        failures: [],
        options: () => Effect.succeed({ index: "set" }),
        programs: [setTour({ text: payload })]
      }
      assert.deepStrictEqual([...(yield* holds(set)).failures], [])
    }))

  for (const scenario of [...refused, ...disconnected, ...damaged]) {
    it.scopedLive(scenario.name, () => holds(scenario))
  }

  it.scopedLive("a connection that is lost and comes back, in the log", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ requirepass: password })
      const { counts } = yield* Effect.tap(
        watch(server, {
          name: "",
          failures: [],
          options: () => Effect.succeed({ retry: RedisLive.defaultRetry }),
          programs: [Effect.zipRight(Effect.orDie(server.restart()), tours[0]!)]
        }),
        (witness) => Effect.sync(() => assert.deepStrictEqual(shownIn(witness.text()), []))
      )
      assert.isAtLeast(counts.logs, 2)
    }))
})
