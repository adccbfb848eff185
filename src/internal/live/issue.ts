import { RedisCommandError } from "../../schema/Errors.js"
import type { Command } from "../../services/RedisCommand.js"
import type { Reply } from "../../services/RedisReply.js"
import { isReply } from "./classify.js"
import type { RedisBatch, RedisClient } from "./client.js"
import { decode, errorReply, type Wire } from "./wire.js"

/** How a batch of commands ends. Called once. */
export interface Settle {
  readonly replied: (replies: ReadonlyArray<Reply>) => void
  /** The server discarded the whole batch; `reset` when the connection is in an unclear state. */
  readonly discarded: (error: RedisCommandError, reset: boolean) => void
  readonly lost: (error: unknown) => void
}

/** One command, without the cost of a pipeline object. */
export const issueOne = (client: RedisClient, command: Command, wire: Wire, settle: Settle): void => {
  const sent = wire.bytes ? client.callBuffer(wire.name, wire.args) : client.call(wire.name, wire.args)
  sent.then(
    (reply) => settle.replied([decode(command, reply)]),
    (error) => isReply(error) ? settle.replied([errorReply(command, error)]) : settle.lost(error)
  )
}

const collect = (batch: RedisBatch, wires: ReadonlyArray<Wire>): void => {
  for (const { args, bytes, name } of wires) {
    if (bytes) batch.callBuffer(name, args)
    else batch.call(name, args)
  }
}

type Results = ReadonlyArray<readonly [error: Error | null, reply: unknown]>

const repliesOf = (commands: ReadonlyArray<Command>, results: Results): ReadonlyArray<Reply> =>
  commands.map((command, i) => {
    const [error, reply] = results[i] ?? [null, null]
    return decode(command, error ?? reply)
  })

/** `exec` of a pipeline never rejects: a lost connection is an error in each place that got no reply. */
export const issuePipeline = (
  client: RedisClient,
  commands: ReadonlyArray<Command>,
  wires: ReadonlyArray<Wire>,
  settle: Settle
): void => {
  const pipeline = client.pipeline()
  collect(pipeline, wires)
  pipeline.exec().then(
    (results) => {
      const lost = results?.find(([error]) => error !== null && error !== undefined && !isReply(error))
      return lost === undefined ? settle.replied(repliesOf(commands, results ?? [])) : settle.lost(lost[0])
    },
    (error) => settle.lost(error)
  )
}

const watchedKeyChanged = RedisCommandError.fromReply(
  "EXEC",
  "EXECABORT Transaction discarded: a watched key has changed"
)

interface Refused {
  readonly message: string
  readonly previousErrors?: ReadonlyArray<{ readonly message: string; readonly command?: { readonly name: string } }>
}

/** Why EXEC was refused: the first command that was, and its error, without its arguments. */
const discardedBecause = ({ message, previousErrors }: Refused): RedisCommandError => {
  const first = previousErrors?.[0]
  if (first === undefined) return RedisCommandError.fromReply("EXEC", message)
  const name = (first.command?.name ?? "").toUpperCase()
  const inner = RedisCommandError.fromReply(name, first.message)
  return name === "MULTI"
    ? new RedisCommandError({
      command: name,
      code: inner.code,
      message: `${inner.message}. The commands ran one by one, not as a transaction`
    })
    : RedisCommandError.fromReply("EXEC", `${message.replace(/\.$/, "")}: ${name}: ${inner.message}`)
}

/** EXEC was answered, and nothing is left open; the others are what a cluster says to it. */
const wholeRefused = /^(EXECABORT|MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /

/** `exec` of a transaction rejects when the whole was discarded, and resolves when commands inside failed. */
export const issueTransaction = (
  client: RedisClient,
  commands: ReadonlyArray<Command>,
  wires: ReadonlyArray<Wire>,
  settle: Settle
): void => {
  const transaction = client.multi()
  collect(transaction, wires)
  transaction.exec().then(
    (results) =>
      results === null ? settle.discarded(watchedKeyChanged, false) : settle.replied(repliesOf(commands, results)),
    (error) => {
      if (!isReply(error)) settle.lost(error)
      else settle.discarded(discardedBecause(error), !wholeRefused.test(error.message))
    }
  )
}
