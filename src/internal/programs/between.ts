import * as Either from "effect/Either"
import type { RedisCommandError } from "../../schema/Errors.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import * as Scripts from "../scripts/index.js"
import type { Indexed, PageOptions } from "./indexing.js"

/** Redis writes infinity its own way. */
const scoreOf = (text: string): number => text === "inf" ? Infinity : Number(text)

const textOf = (score: number | undefined): number | string => score === Infinity ? "inf" : score ?? ""

const isText = (element: RedisReply.Reply): element is string => typeof element === "string"

/** Pages are long: what they answer is taken as it is. */
const texts: RedisReply.Reader<ReadonlyArray<string>> = (reply) =>
  Array.isArray(reply) && reply.every(isText) ? Either.right(reply) : RedisReply.array(RedisReply.string)(reply)

const pairs = (flat: ReadonlyArray<string>): Array<Indexed> => {
  const out: Array<Indexed> = []
  for (let i = 0; i + 1 < flat.length; i += 2) out.push({ id: flat[i]!, version: scoreOf(flat[i + 1]!) })
  return out
}

type Entries<A> = RedisProgram.RedisProgram<A, RedisCommandError>

/** From an end on, which a command of the server can do itself. */
const fromEnd = (key: string, order: "asc" | "desc", limit: number): Entries<ReadonlyArray<string>> =>
  RedisProgram.command(
    order === "asc" ? "ZRANGE" : "ZREVRANGE",
    [key, 0, limit < 0 ? -1 : limit - 1, "WITHSCORES"],
    texts
  )

/** Entries of any sorted set between two positions. */
export const between = (
  key: string,
  { after, before, limit = -1, order = "asc" }: PageOptions
): Entries<Array<Indexed>> => {
  const entries = after === undefined && before === undefined && limit !== 0 && Number.isSafeInteger(limit)
    ? fromEnd(key, order, limit)
    : RedisProgram.script(
      Scripts.page,
      [key],
      [order, limit, textOf(after?.version), after?.id ?? "", textOf(before?.version), before?.id ?? ""],
      texts
    )
  return RedisProgram.map(entries, pairs)
}
