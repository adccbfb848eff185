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

const wait = ({ replicas, timeout }: Acknowledgement): RedisProgram.RedisProgram<void, RedisCommandError> =>
  RedisProgram.command("WAIT", [replicas, timeout], RedisReply.integer, { repeatable: true }).pipe(
    RedisProgram.mapEither((got) =>
      got >= replicas ? Either.right(undefined) : Either.left(short("WAIT", replicas, got, "replicas"))
    )
  )

const waitOnDisk = ({ replicas, timeout }: Acknowledgement): RedisProgram.RedisProgram<void, RedisCommandError> =>
  RedisProgram.command("WAITAOF", [1, replicas, timeout], RedisReply.array(RedisReply.integer), { repeatable: true })
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
