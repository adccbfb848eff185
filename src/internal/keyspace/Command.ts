import type { Reply } from "../../services/RedisReply.js"
import type { Database } from "./Database.js"

/** Runs a command whose number of arguments is right; throws a `Refusal` before it changes anything. */
export type Run = (db: Database, args: ReadonlyArray<string>) => Reply

export interface Command {
  readonly least: number
  readonly most: number
  readonly run: Run
}

export type Commands = Readonly<Record<string, Command>>

export const exactly = (count: number, run: Run): Command => ({ least: count, most: count, run })

export const atLeast = (count: number, run: Run): Command => ({ least: count, most: Infinity, run })

export const between = (least: number, most: number, run: Run): Command => ({ least, most, run })
