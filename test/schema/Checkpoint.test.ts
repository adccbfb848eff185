import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either, FastCheck as fc, Option, Schema } from "effect"
import * as Checkpoint from "../../src/schema/Checkpoint.js"

const State = Schema.Struct({
  text: Schema.String,
  amount: Schema.NumberFromString,
  at: Schema.optional(Schema.DateFromString),
  tags: Schema.Set(Schema.String)
})

const Json = Schema.parseJson(Checkpoint.schema(State))

const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes("__proto__"))
/** JSON has no -0. */
const exact = json.map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const name = fc.string({ unit: "binary" })
const fields = fc.dictionary(name.filter((key) => key !== "__proto__"), exact, { noNullPrototype: true })
const own = new Set(["id", "node_name", "state", "metadata", "timestamp", "version", "execution_id", "write_id"])
const foreign = fields.map((all) => Object.fromEntries(Object.entries(all).filter(([key]) => !own.has(key))))
const time = fc.integer({ min: Date.parse("0000-01-01"), max: Date.parse("9999-12-31") })

const checkpoint = <A>(state: fc.Arbitrary<A>): fc.Arbitrary<Checkpoint.Checkpoint<A>> =>
  fc.record({
    id: name,
    executionId: fc.option(name.filter((id) => id !== ""), { nil: undefined }).map(Option.fromNullable),
    nodeName: name,
    state,
    metadata: foreign,
    timestamp: time.map((millis) => DateTime.unsafeMake(millis)),
    version: fc.maxSafeInteger().map((n) => n + 0),
    unknownFields: foreign
  })

const state = fc.record({
  text: name,
  amount: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  tags: fc.uniqueArray(name).map((tags) => new Set(tags))
})

const plain = (it: Checkpoint.Checkpoint<unknown>) => ({
  ...it,
  executionId: Option.getOrNull(it.executionId),
  timestamp: DateTime.toEpochMillis(it.timestamp)
})

const settings = { fastCheck: { numRuns: 300 } }

describe("Checkpoint", () => {
  it.prop("comes back from its JSON, with a typed state", [checkpoint(state)], ([original]) => {
    const text = Schema.encodeSync(Json)(original)
    assert.deepStrictEqual(plain(Schema.decodeUnknownSync(Json)(text)), plain(original))
  }, settings)

  it.prop("comes back from its JSON, with any JSON as state", [checkpoint(exact)], ([original]) => {
    const envelope = Schema.parseJson(Checkpoint.Envelope)
    const text = Schema.encodeSync(envelope)(original)
    assert.deepStrictEqual(plain(Schema.decodeUnknownSync(envelope)(text)), plain(original))
  }, settings)

  it.prop("is written the same again after it was read", [checkpoint(exact)], ([original]) => {
    const envelope = Schema.parseJson(Checkpoint.Envelope)
    const text = Schema.encodeSync(envelope)(original)
    assert.strictEqual(Schema.encodeSync(envelope)(Schema.decodeUnknownSync(envelope)(text)), text)
  }, settings)

  it("keeps an own __proto__ in metadata as data", () => {
    const text =
      "{\"id\":\"a\",\"node_name\":\"n\",\"state\":1,\"metadata\":{\"__proto__\":{\"execution_id\":\"x\"}}," +
      "\"timestamp\":\"2024-01-01T00:00:00.000Z\",\"version\":1}"
    const read = Schema.decodeUnknownSync(Schema.parseJson(Checkpoint.Envelope))(text)
    assert.strictEqual(Object.getPrototypeOf(read.metadata), Object.prototype)
    assert.isTrue(Option.isNone(read.executionId))
    assert.strictEqual(Schema.encodeSync(Schema.parseJson(Checkpoint.Envelope))(read), text)
  })

  it.prop("refuses versions that JavaScript cannot hold", [
    fc.oneof(
      fc.constantFrom("9007199254740992", "-9007199254740992", "1e300", "0.5", "\"1\"", "null", "[]"),
      fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }).map(String)
    )
  ], ([version]) => {
    const text = `{"id":"a","node_name":"n","state":1,"timestamp":"2024-01-01T00:00:00Z","version":${version}}`
    return Either.isLeft(Schema.decodeUnknownEither(Json)(text))
  })
})
