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

/** Entries of any sorted set between two positions. */
export const between = (
  key: string,
  options: PageOptions
): RedisProgram.RedisProgram<Array<Indexed>, RedisCommandError> =>
  RedisProgram.script(
    Scripts.page,
    [key],
    [
      options.order ?? "asc",
      options.limit ?? -1,
      textOf(options.after?.version),
      options.after?.id ?? "",
      textOf(options.before?.version),
      options.before?.id ?? ""
    ],
    texts
  ).pipe(RedisProgram.map(pairs))
