/** A client that does what a test says, for what no server can be brought to do. */
import type { RedisLive } from "effect-checkpoint"
import { EventEmitter } from "node:events"

type Args = Array<string | number | Uint8Array>

export type Answer = (name: string, args: Args) => Promise<unknown>

class FakeStream {
  writable = true
  writableCorked = 0
  connecting = false
  constructor(private readonly client: FakeClient) {}
  cork() {
    this.writableCorked++
  }
  uncork() {
    this.writableCorked--
  }
  destroy() {
    if (!this.writable) return
    this.writable = false
    this.client.close()
  }
}

/** Connected from the start; `answer` answers each command. */
export class FakeClient extends EventEmitter implements RedisLive.RedisClient {
  status = "ready"
  readonly isCluster = false
  readonly options = { host: "fake", port: 1, maxRetriesPerRequest: 0 }
  stream = new FakeStream(this)

  constructor(public answer: Answer) {
    super()
  }

  /** The connection is lost, and not made again. */
  close() {
    this.stream.writable = false
    this.status = "end"
    this.emit("close")
    this.emit("end")
  }

  call(name: string, args: Args) {
    return name === "ping" ? Promise.resolve("PONG") : this.answer(name, args)
  }

  readonly callBuffer = this.call.bind(this)

  pipeline() {
    return this.collect((entries) => Promise.all(entries))
  }

  multi() {
    return this.collect(async (entries) => {
      await Promise.all(entries)
      const [error, reply] = await settle(this.answer("exec", []))
      if (error !== null) throw error
      return reply as ReadonlyArray<readonly [null, unknown]>
    })
  }

  connect() {
    return Promise.reject(new Error("Connection is closed."))
  }

  disconnect() {
    this.close()
  }

  quit() {
    return Promise.resolve("OK")
  }

  duplicate() {
    return new FakeClient(this.answer)
  }

  private collect(
    exec: (
      entries: Array<Promise<readonly [Error | null, unknown]>>
    ) => Promise<ReadonlyArray<readonly [Error | null, unknown]>>
  ) {
    const entries: Array<Promise<readonly [Error | null, unknown]>> = []
    const call = (name: string, args: Args) => entries.push(settle(this.call(name, args)))
    return { call, callBuffer: call, exec: () => exec(entries) }
  }
}

const settle = (answer: Promise<unknown>): Promise<readonly [Error | null, unknown]> =>
  answer.then(
    (reply) => [null, reply] as const,
    (error: Error) => [error, undefined] as const
  )

/** An error reply as both majors of ioredis make it, with the whole command on it. */
export const reply = (message: string, name = "ReplyError"): Error =>
  Object.assign(new Error(message), { name, command: { name: "set", args: ["key", "payload"] } })
