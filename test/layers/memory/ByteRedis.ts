/**
 * A connection that takes and gives byte strings (one character a byte), so
 * that replies are compared byte for byte.
 */
import { Effect, type Scope } from "effect"
import * as net from "node:net"
import { RedisCommandError } from "../../../src/schema/Errors.js"
import type { Reply } from "../../../src/services/RedisReply.js"
import * as RawRedis from "../../support/RawRedis.js"

export type Line = readonly [name: string, ...args: ReadonlyArray<string>]

/** Sends all commands in one write. */
export type ByteRedis = (lines: ReadonlyArray<Line>) => Promise<ReadonlyArray<Reply>>

class Incomplete extends Error {}

/** Reads replies from the start of a buffer; throws `Incomplete` when bytes are missing. */
class Cursor {
  private at = 0
  constructor(private readonly bytes: Buffer) {}

  reply(command: string): Reply {
    const line = this.take(this.bytes.indexOf("\r\n", this.at) - this.at)
    const rest = line.slice(1)
    if (line[0] === "+") return rest
    if (line[0] === "-") return RedisCommandError.fromReply(command, rest)
    if (line[0] === ":") return Number(rest)
    if (rest === "-1") return null
    return line[0] === "$" ? this.take(Number(rest)) : Array.from({ length: Number(rest) }, () => this.reply(command))
  }

  private take(length: number): string {
    const end = this.at + length
    if (length < 0 || this.bytes.length < end + 2) throw new Incomplete()
    const text = this.bytes.toString("latin1", this.at, end)
    this.at = end + 2
    return text
  }
}

const read = (bytes: Buffer, lines: ReadonlyArray<Line>): ReadonlyArray<Reply> | undefined => {
  const cursor = new Cursor(bytes)
  try {
    return lines.map(([name]) => cursor.reply(name))
  } catch (error) {
    if (error instanceof Incomplete) return undefined
    throw error
  }
}

const send = (socket: net.Socket): ByteRedis => (lines) =>
  new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const listen = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const replies = read(received, lines)
      if (replies === undefined) return
      socket.off("data", listen)
      resolve(replies)
    }
    socket.on("data", listen)
    socket.write(Buffer.concat(lines.map((line) => RawRedis.encode(line.map((word) => Buffer.from(word, "latin1"))))))
  })

export const connect = (port: number): Effect.Effect<ByteRedis, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => net.connect({ port, host: "127.0.0.1", noDelay: true })),
      (socket) => Effect.sync(() => socket.destroy())
    ),
    send
  )
