import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either, FastCheck as fc, Schema } from "effect"
import { Timestamp } from "../../src/schema/Timestamp.js"

const decode = Schema.decodeEither(Timestamp)
const encode = Schema.encodeEither(Timestamp)

const millis = (text: string) => DateTime.toEpochMillis(Either.getOrThrow(decode(text)))

const first = Date.parse("0000-01-01T00:00:00.000Z")
const last = Date.parse("9999-12-31T23:59:59.999Z")

const valid: ReadonlyArray<readonly [text: string, utc: string]> = [
  ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"],
  ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
  ["2025-12-06T23:43:19.123456789+08:00", "2025-12-06T15:43:19.123Z"],
  ["2025-12-06T23:43:19.9999999Z", "2025-12-06T23:43:19.999Z"],
  ["2025-12-06T23:43:19.1Z", "2025-12-06T23:43:19.100Z"],
  ["2025-12-06T23:43:19.000000001Z", "2025-12-06T23:43:19.000Z"],
  ["2025-01-01T00:00:00-03:30", "2025-01-01T03:30:00.000Z"],
  ["2025-01-01T00:00:00+14:00", "2024-12-31T10:00:00.000Z"],
  ["2025-01-01T00:00:00-23:59", "2025-01-01T23:59:00.000Z"],
  ["2025-01-01T00:00:00-00:00", "2025-01-01T00:00:00.000Z"],
  ["2025-01-01t00:00:00z", "2025-01-01T00:00:00.000Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
  ["9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999Z"]
]

const invalid: ReadonlyArray<string> = [
  "",
  "now",
  "2025-01-01",
  "2025-01-01T00:00:00",
  "2025-01-01 00:00:00Z",
  "2025-01-01T00:00Z",
  "2025-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "1900-02-29T00:00:00Z",
  "2025-04-31T00:00:00Z",
  "2025-13-01T00:00:00Z",
  "2025-00-01T00:00:00Z",
  "2025-01-00T00:00:00Z",
  "2025-01-32T00:00:00Z",
  "2025-01-01T24:00:00Z",
  "2025-01-01T00:60:00Z",
  "2025-01-01T00:00:60Z",
  "2025-01-01T00:00:00.Z",
  "2025-01-01T00:00:00+24:00",
  "2025-01-01T00:00:00+00:60",
  "2025-01-01T00:00:00+0800",
  "2025-01-01T00:00:00+8",
  "25-01-01T00:00:00Z",
  "+002025-01-01T00:00:00Z",
  "-0001-01-01T00:00:00Z",
  " 2025-01-01T00:00:00Z",
  "2025-01-01T00:00:00Z ",
  "2025-01-01T00:00:00Z\n",
  "２０２５-01-01T00:00:00Z"
]

const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 9 })
const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })
const pad = (n: number) => String(n).padStart(2, "0")

describe("Timestamp", () => {
  for (const [text, utc] of valid) {
    it(`reads ${text}`, () => {
      assert.strictEqual(new Date(millis(text)).toISOString(), utc)
    })
  }

  for (const text of invalid) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.isTrue(Either.isLeft(decode(text)))
    })
  }

  it.prop("comes back from its own text", [fc.integer({ min: first, max: last })], ([time]) => {
    const text = Either.getOrThrow(encode(DateTime.unsafeMake(time)))
    assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    return millis(text) === time
  }, { fastCheck: { numRuns: 500 } })

  it.prop("reads any offset and up to nine decimals, cut to milliseconds", [
    fc.integer({ min: first + 864e5, max: last - 864e5 }),
    offset,
    digits
  ], ([time, minutes, fraction]) => {
    const seconds = Math.floor(time / 1000) * 1000
    const local = new Date(seconds + minutes * 60_000).toISOString().slice(0, 19)
    const sign = minutes < 0 ? "-" : "+"
    const zone = `${sign}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`
    const text = `${local}${fraction === "" ? "" : `.${fraction}`}${zone}`
    return millis(text) === seconds + Number(fraction.padEnd(3, "0").slice(0, 3))
  }, { fastCheck: { numRuns: 500 } })

  it("refuses to write years that RFC 3339 has not", () => {
    for (const time of [first - 1, last + 1, -8.64e15, 8.64e15]) {
      assert.isTrue(Either.isLeft(encode(DateTime.unsafeMake(time))))
    }
  })

  it.prop("writes whatever it reads, also where an offset leaves the years 0 to 9999", [
    fc.constantFrom("0000-01-01T00:00:00", "9999-12-31T23:59:59"),
    fc.constantFrom("Z", "+00:01", "-00:01", "+14:00", "-12:00")
  ], ([local, zone]) => {
    const read = decode(local + zone)
    return Either.isLeft(read) || Either.isRight(encode(read.right))
  })
})
