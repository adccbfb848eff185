import type { RedisCommandError } from "../../schema/Errors.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"

/** The server's time in whole milliseconds, as scripts take it. */
export const serverTime: RedisProgram.RedisProgram<number, RedisCommandError> = RedisProgram.command(
  "TIME",
  [],
  RedisReply.array(RedisReply.string)
).pipe(RedisProgram.map(([seconds, micros]) => Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)))
