import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import type { StorageError } from "../../schema/Errors.js"
import type { Command } from "../../services/RedisCommand.js"
import type { Reply } from "../../services/RedisReply.js"
import { countRoundTrip } from "../observeRoundTrip.js"
import type { Stoppable, Watch } from "../watch.js"
import { areCalls, type Call } from "./batching.js"
import type { RedisStream } from "./client.js"
import type { Connection, Waiter } from "./connection.js"
import { issueOne, issuePipeline, issueTransaction, type Settle } from "./issue.js"
import { pipelineWires, transactionWires } from "./scripts.js"

/** Commands that go out together. */
export interface Batch {
  readonly commands: ReadonlyArray<Command>
  readonly transaction: boolean
  /** Whether scripts go with their source, whatever the server is thought to know. */
  readonly withSource: boolean
  /** How long it may take, in milliseconds. */
  readonly timeout: number
  /** The span it belongs to; undefined: the current one. */
  readonly parent?: Tracer.AnySpan | undefined
  /** Who stops it where no tracer looks; undefined: the round trip itself. */
  readonly watch?: Watch | undefined
}

/** By what its round trip is counted. */
export const operationOf = ({ commands, transaction }: Batch): string => {
  const [first, ...others] = commands
  if (transaction) return "MULTI"
  if (first === undefined || others.length > 0) return "PIPELINE"
  return first._tag === "Script" ? "EVALSHA" : first.name
}

type Resume = (exit: Effect.Effect<ReadonlyArray<Reply>, StorageError>) => void

const silence = Object.assign(new Error("no reply before the deadline"), { code: "ETIMEDOUT" })

/** One batch on its way: waiting for the connection, then for its replies, never longer than its deadline. */
export class Flight implements Waiter, Settle, Stoppable {
  private settled = false
  /** Where it was sent; undefined while it waits. */
  private stream: RedisStream | undefined
  /** What came back, if the calls of the batch went out one by one. */
  private readonly served: Array<Reply> = []
  private unserved: number
  private readonly timer: ReturnType<typeof setTimeout>

  constructor(
    private readonly connection: Connection,
    private readonly batch: Batch,
    private readonly resume: Resume
  ) {
    this.unserved = batch.commands.length
    this.timer = setTimeout(() => this.expire(), batch.timeout)
    batch.watch?.enter(this)
    this.ready()
  }

  get isSettled(): boolean {
    return this.settled
  }

  /** The commands, if they are calls that may share one; none otherwise. */
  get calls(): ReadonlyArray<Call> | undefined {
    const { commands, transaction, withSource } = this.batch
    return this.connection.settings.batches && !transaction && !withSource && areCalls(commands) ? commands : undefined
  }

  ready(): void {
    if (this.connection.isOpen) this.connection.outbox.add(this)
    else this.connection.await(this)
  }

  /** From here on it is unknown what the server does with it. */
  board(): void {
    this.stream = this.connection.client.stream
  }

  issue(): void {
    const { batch: { commands, transaction, withSource }, connection: { client, loaded } } = this
    if (transaction) {
      issueTransaction(client, commands, transactionWires(commands), this)
      return
    }
    const wires = pipelineWires(commands, loaded, withSource)
    const [command] = commands
    const [wire] = wires
    if (commands.length === 1 && command !== undefined && wire !== undefined) issueOne(client, command, wire, this)
    else issuePipeline(client, commands, wires, this)
  }

  failed(error: StorageError): void {
    this.settle(Effect.fail(error))
  }

  replied(replies: ReadonlyArray<Reply>): void {
    this.settle(Effect.succeed(replies))
  }

  /** One of its calls has its reply. */
  serve(index: number, reply: Reply): void {
    if (this.batch.commands.length === 1) {
      this.replied([reply])
      return
    }
    this.served[index] = reply
    this.unserved -= 1
    if (this.unserved === 0) this.replied(this.served)
  }

  discarded(error: StorageError, reset: boolean): void {
    if (reset) this.connection.abandon(this.stream, new Error("the state of a transaction was unclear"))
    this.settle(Effect.fail(error))
  }

  lost(error: unknown): void {
    this.settle(Effect.fail(this.connection.lostInFlight(error)))
  }

  /** ioredis may have queued a part of what it could not write. */
  crash(defect: unknown): void {
    this.connection.abandon(this.stream, defect)
    this.settle(Effect.die(defect))
  }

  /** Nobody waits for it any more. */
  stop(): void {
    if (this.settled) return
    const { batch, connection, stream } = this
    if (stream !== undefined) connection.outbox.landed()
    this.settled = true
    clearTimeout(this.timer)
    connection.leave(this)
    if (batch.watch === undefined) return
    batch.watch.leave(this)
    countRoundTrip(operationOf(batch), batch.watch.labels)
  }

  private settle(exit: Effect.Effect<ReadonlyArray<Reply>, StorageError>): void {
    if (this.settled) return
    this.stop()
    this.resume(exit)
  }

  /** A reply may have come while the event loop was blocked: sockets are read before `setImmediate`. */
  private expire(): void {
    setImmediate(() => {
      if (this.settled) return
      this.connection.abandon(this.stream, silence)
      this.settle(Effect.fail(
        this.stream === undefined ? this.connection.waitedInVain() : this.connection.lostInFlight(silence)
      ))
    })
  }
}
