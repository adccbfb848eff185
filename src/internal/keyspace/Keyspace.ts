/**
 * A Redis keyspace in memory and an interpreter of its commands. All strings
 * are byte strings, all times milliseconds since the epoch.
 */
import { RedisCommandError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import type { Command } from "./Command.js"
import { findCommand, refusedUnseen } from "./commands.js"
import { Database, type Value } from "./Database.js"
import { dumpEntry, type Line } from "./dump.js"
import { Refusal } from "./Refusal.js"

/**
 * Hears of every change, in order. Executing the writes, and `DEL` for each
 * expired key, at their times makes an equal keyspace, whatever the clock did.
 */
export interface Observer {
  readonly onWrite: (now: number, name: string, args: ReadonlyArray<string>) => void
  readonly onExpire: (now: number, key: string) => void
}

export class Keyspace {
  observer: Observer | undefined
  private readonly db: Database = new Database((key) => this.observer?.onExpire(this.db.now, key))

  /** Redis' reply; errors are values. */
  execute(now: number, name: string, args: ReadonlyArray<string>): Reply {
    const refused = refusedUnseen(name, args.length)
    const command = findCommand(name)
    if (refused !== undefined || command === undefined) return RedisCommandError.fromReply(name, refused ?? "ERR")
    this.db.now = now
    this.db.changed = false
    const reply = this.attempt(command, name, args)
    if (this.db.changed) this.observer?.onWrite(now, name, args)
    return reply
  }

  /** Removes what has expired, as Redis does in the background. */
  expireDue(now: number): void {
    this.db.now = now
    this.db.expireDue()
  }

  /** When the next key expires. */
  get nextExpiry(): number | undefined {
    return this.db.nextExpiry
  }

  /** Living keys with their deadlines. */
  *entries(now: number): Iterable<readonly [key: string, value: Value, deadline: number | undefined]> {
    this.expireDue(now)
    for (const [key, value] of this.db.entries()) yield [key, value, this.db.deadline(key)]
  }

  /** Commands that make an equal keyspace when executed at `now`. */
  *dump(now: number): Iterable<Line> {
    for (const [key, value, deadline] of this.entries(now)) yield* dumpEntry(key, value, deadline)
  }

  private attempt(command: Command, name: string, args: ReadonlyArray<string>): Reply {
    try {
      return command.run(this.db, args)
    } catch (refusal) {
      if (refusal instanceof Refusal) return RedisCommandError.fromReply(name, refusal.text)
      throw refusal
    }
  }
}
