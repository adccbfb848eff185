import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { describe } from "../issue.js"
import { jsonLoss } from "../json.js"
import { isName } from "./coded.js"
import type { Base, Making, Stage } from "./stage.js"

const reserved: ReadonlySet<string> = new Set(["json", "messagePack", "deflate", "gzip", "br", "aes-256-gcm"])

const named = <A>(name: string, made: A): Making<A> => {
  if (reserved.has(name)) return Effect.fail(`the name ${JSON.stringify(name)} is the library's; choose another one`)
  return isName(name)
    ? Effect.succeed(made)
    : Effect.fail("names of codecs are a letter and up to 63 more letters, digits, dots, - or _")
}

const issueIn = (name: string) => (issue: ParseResult.ParseIssue): string => `${name}: ${describe(issue)}`

/** Without loss, or `data` would not be what the transform gave. */
const asJson = (name: string) => (data: unknown): Effect.Effect<unknown, string> => {
  const loss = data === undefined ? "undefined" : jsonLoss(data, "what it encodes to")
  return loss === undefined ? Effect.succeed(data) : Effect.fail(`${name}: ${loss}`)
}

export const customBase = <A, I>(name: string, schema: Schema.Schema<A, I>): Making<Base> => {
  const encode = ParseResult.encodeUnknown(schema)
  const decode = ParseResult.decodeUnknown(schema)
  const issue = issueIn(name)
  return named(name, {
    name,
    binary: false,
    encode: (state) => Effect.flatMap(Effect.mapError(encode(state), issue), asJson(name)),
    decode: (data) => Effect.mapError(decode(data), issue)
  })
}

export const customStage = (name: string, schema: Schema.Schema<Uint8Array, Uint8Array>): Making<Stage> => {
  const encode = ParseResult.encode(schema)
  const decode = ParseResult.decode(schema)
  const issue = issueIn(name)
  return named(name, {
    name,
    encrypts: false,
    encode: (bytes) => Effect.mapError(encode(bytes), issue),
    decode: (bytes) => Effect.mapError(decode(bytes), issue)
  })
}
