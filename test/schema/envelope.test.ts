import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Option, ParseResult } from "effect"
import { fromJson } from "../../src/internal/envelope.js"
import { millisOf } from "../../src/internal/rfc3339.js"
import * as Checkpoint from "../../src/schema/Checkpoint.js"

const bySchema = ParseResult.decodeUnknownEither(Checkpoint.Envelope)

/** With the order of fields; what is no plain data is compared as it is. */
const shape = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Option.isOption(value)) return value
  return [
    Object.getPrototypeOf(value),
    ...Reflect.ownKeys(value).map((key) => [key, shape((value as Record<PropertyKey, unknown>)[key])])
  ]
}

/** As Schema has it, or left to Schema because it refuses it: this tells which. */
const read = (text: string): boolean => {
  const json: unknown = JSON.parse(text)
  const ours = fromJson(json)
  const theirs = bySchema(json)
  if (ours === undefined) assert.isTrue(Either.isLeft(theirs), text)
  else assert.deepStrictEqual(shape(ours), shape(Either.getOrThrow(theirs)))
  assert.strictEqual(JSON.stringify(json), JSON.stringify(JSON.parse(text)), "what was parsed was changed")
  return ours !== undefined
}

const json = fc.json({ maxDepth: 2, noUnicodeString: false })

const time = fc.oneof(
  fc.date({ noInvalidDate: true, min: new Date("0000-01-01"), max: new Date("9999-12-31") }).map((date) =>
    date.toISOString()
  ),
  fc.constantFrom("2024-02-30T00:00:00.000Z", "2024-02-29T00:00:00.000Z", "2023-02-29T12:00:00.000Z"),
  fc.constantFrom("2024-01-01T24:00:00.000Z", "2024-01-01T00:00:60.000Z", "2024-13-01T00:00:00.000Z", "+012024-01-01"),
  fc.constantFrom("2024-01-00T00:00:00.000Z", "2024-01-32T00:00:00.000Z", "2024-01-01T00:00:00.0000Z", "0001-01-01"),
  fc.constantFrom("2025-12-06T23:43:19.123456789+08:00", "0001-01-01T00:00:00Z", "2025-12-06t23:43:19.1z", "", "now")
).map((text) => JSON.stringify(text))

const text = fc.string({ unit: "binary" }).map((text) => JSON.stringify(text))

const metadata = fc.oneof(
  fc.constantFrom("null", "{}", "[]", "\"text\"", "{\"execution_id\":\"\"}", "{\"execution_id\":1,\"write_id\":\"w\"}"),
  fc.uniqueArray(
    fc.tuple(fc.constantFrom("execution_id", "write_id", "a", "1", "__proto__"), fc.oneof(text, json)),
    { selector: ([name]) => name }
  ).map((fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join(",")}}`)
)

const fields: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: text,
  node_name: text,
  state: json,
  metadata,
  timestamp: time,
  version: fc.oneof(fc.maxSafeInteger().map(String), fc.constantFrom("-0", "1.0", "1e3"))
}

const names = Object.keys(fields)

const entry = (value: (name: string) => fc.Arbitrary<string>) => (name: string) =>
  value(name).map((value) => `${JSON.stringify(name)}:${value}`)

const foreign = fc.array(
  fc.tuple(fc.constantFrom("a", "1", "__proto__", "constructor", "ID"), json).map(([name, value]) =>
    `"${name}":${value}`
  ),
  { maxLength: 2 }
)

const shuffled = (all: ReadonlyArray<string>) => fc.shuffledSubarray([...all], { minLength: all.length })

const objectOf = (entries: ReadonlyArray<fc.Arbitrary<string>>) =>
  fc.tuple(foreign, ...entries).chain(([foreign, ...known]) => shuffled([...known, ...foreign])).map((all) =>
    `{${all.join(",")}}`
  )

const valid = objectOf(names.map(entry((name) => fields[name]!)))

const number = fc.constantFrom("9007199254740992", "0.5", "1e300", "\"1\"", "null", "true")

/** Fields that are missing, or of another kind. */
const mutated = fc.subarray(names).chain((present) =>
  objectOf(present.map(entry((name) => fc.oneof({ weight: 6, arbitrary: fields[name]! }, json, number, metadata))))
)

const settings = { fastCheck: { numRuns: 3_000 } }

describe("an envelope", () => {
  it.prop("is read as its schema reads it", [valid], ([text]) => {
    read(text)
  }, settings)

  it.prop("is left to its schema where that refuses it, and only there", [fc.oneof(mutated, json)], ([text]) => {
    read(text)
  }, settings)

  it("needs no schema where a checkpoint is one", () => {
    assert.isTrue(read(
      "{\"id\":\"a\",\"node_name\":\"n\",\"state\":{},\"metadata\":{\"execution_id\":\"e\"}," +
        "\"timestamp\":\"2024-01-01T00:00:00.000Z\",\"version\":1}"
    ))
  })
})

describe("a time as JavaScript writes it", () => {
  it.prop("is what Date has, or none, as in any other form", [time], ([json]) => {
    const text: string = JSON.parse(json)
    const other = text.replace(/(\.\d{3})Z$/, "$1000z")
    assert.deepStrictEqual(millisOf(text), millisOf(other))
    if (/^\d{4}/.test(text) && !Number.isNaN(millisOf(text))) assert.strictEqual(millisOf(text), Date.parse(text))
  }, settings)
})
