import * as Either from "effect/Either"
import { RedisCommandError } from "../../schema/Errors.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"

/** Where a write has to be, checked; see `Durability`. */
export interface Acknowledgement {
  readonly to: "replicas" | "fsync"
  readonly replicas: number
  /** Milliseconds, above 0: 0 would wait for ever. */
  readonly timeout: number
}

const short = (command: string, wanted: number, got: number, what: string): RedisCommandError =>
  new RedisCommandError({
    command,
    code: "NOTDURABLE",
    message: `NOTDURABLE ${got} of ${wanted} ${what} acknowledged the write in time. It is applied, and may be lost ` +
      `with the server that has it`
  })

/** What a server answers that has no such command, or has nothing that it could wait for. */
const cannot = /^ERR (unknown command|WAITAOF cannot be used|WAIT(AOF)? is not)/i

const needs: Readonly<Record<string, string>> = {
  WAIT: "durability to replicas needs WAIT",
  WAITAOF: "durability to disk needs WAITAOF (Redis 7.2, Valkey) and appendonly yes"
}

const unsupported = ({ command, message }: RedisCommandError): RedisCommandError =>
  new RedisCommandError({
    command,
    code: "UNSUPPORTED",
    message: `UNSUPPORTED ${needs[command]}, and this server says: ${message}. The write is applied`
  })

/** The command that waits, and why the server will never do that. */
const asked = <A>(
  name: "WAIT" | "WAITAOF",
  args: ReadonlyArray<number>,
  reply: RedisReply.Reader<A>
): RedisProgram.RedisProgram<A, RedisCommandError> =>
  RedisProgram.either(RedisProgram.command(name, args, reply, { repeatable: true })).pipe(
    RedisProgram.mapEither((answer) =>
      Either.mapLeft(answer, (error) => cannot.test(error.message) ? unsupported(error) : error)
    )
  )

const wait = ({ replicas, timeout }: Acknowledgement): RedisProgram.RedisProgram<void, RedisCommandError> =>
  asked("WAIT", [replicas, timeout], RedisReply.integer).pipe(
    RedisProgram.mapEither((got) =>
      got >= replicas ? Either.right(undefined) : Either.left(short("WAIT", replicas, got, "replicas"))
    )
  )

const waitOnDisk = ({ replicas, timeout }: Acknowledgement): RedisProgram.RedisProgram<void, RedisCommandError> =>
  asked("WAITAOF", [1, replicas, timeout], RedisReply.array(RedisReply.integer))
    .pipe(RedisProgram.mapEither(([local = 0, remote = 0]) => {
      if (local < 1) return Either.left(short("WAITAOF", 1, local, "disks of the master"))
      return remote >= replicas
        ? Either.right(undefined)
        : Either.left(short("WAITAOF", replicas, remote, "disks of replicas"))
    }))

/** A program that is not done before its writes are where they have to be. One command more, no round trip. */
export const acknowledged = <A, E>(
  program: RedisProgram.RedisProgram<A, E>,
  by: Acknowledgement | undefined
): RedisProgram.RedisProgram<A, E | RedisCommandError> =>
  by === undefined
    ? program
    : RedisProgram.zipWith(program, by.to === "fsync" ? waitOnDisk(by) : wait(by), (a) => a)
