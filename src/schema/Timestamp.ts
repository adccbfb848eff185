/**
 * RFC 3339 times, as Go writes them.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { millisOf } from "../internal/rfc3339.js"

/**
 * An RFC 3339 time with any number of decimals and any offset, as `DateTime.Utc`.
 * Milliseconds are kept, finer decimals are cut off. Written in UTC, for the
 * years 0 to 9999 that RFC 3339 has. A leap second (`:60`) is refused: no
 * `DateTime` holds it.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Timestamp } from "effect-checkpoint"
 *
 * // 2025-12-06T13:43:19.123Z
 * export const time = Schema.decodeSync(Timestamp.Timestamp)("2025-12-06T15:43:19.123456789+02:00")
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 * @since 0.1.0
 */
export const Timestamp: Schema.Schema<DateTime.Utc, string> = Schema.transformOrFail(
  Schema.String,
  Schema.DateTimeUtcFromSelf,
  {
    strict: true,
    decode: (text, _, ast) => {
      const millis = millisOf(text)
      return Number.isNaN(millis)
        ? ParseResult.fail(new ParseResult.Type(ast, text, "expected an RFC 3339 time"))
        : ParseResult.succeed(DateTime.unsafeMake(millis))
    },
    encode: (time, _, ast) => {
      const text = DateTime.formatIso(time)
      return /^\d{4}-/.test(text)
        ? ParseResult.succeed(text)
        : ParseResult.fail(new ParseResult.Type(ast, time, "expected a year from 0 to 9999"))
    }
  }
).annotations({ identifier: "Timestamp" })
