import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { RedisCommandError, RedisConnectionError, type StorageError } from "../../schema/Errors.js"
import { type ExecutionBusy, ExecutionStuck, GraphMismatch } from "../../schema/ExecutionErrors.js"
import type { ClaimOptions, Release } from "../../services/ExecutionProgram.js"
import type { RunOptions } from "../../services/GraphRunner.js"
import type { Core } from "../store/core.js"
import type { Rules } from "./policy.js"
import { heartbeat, open, release, type Session, writerIn } from "./session.js"
import type { Restore } from "./settle.js"

/** As it was, but not at once: what cannot be read here, a newer deployment may read. */
const unreadable: Release = { status: "restore", delay: 60_000 }

export const asItWas: Release = { status: "restore", delay: 0 }

const later: Release = { status: "stopped", delay: 5_000 }

const byTag = new Map<string, Release>([
  ["ExecutionNotFound", { status: "completed" }],
  ["InputMismatch", asItWas],
  ["CheckpointConflict", asItWas],
  ["CheckpointDecodeError", unreadable],
  ["StateDecodeError", unreadable],
  ["UnknownNode", unreadable]
])

/** Redis is in the way; in a node it may also be what the node does there that is wrong. */
const isTrouble = ({ failedInNode }: Session, error: unknown): boolean =>
  error instanceof RedisConnectionError ||
  (error instanceof RedisCommandError && (error.retryable || error.code === "NOTDURABLE" || !failedInNode))

const ofError = (session: Session, error: unknown): Release => {
  if (isTrouble(session, error)) return later
  if (session.failedInNode && session.spared !== error) return { status: "failed" }
  const tag = typeof error === "object" && error !== null && "_tag" in error ? String(error._tag) : ""
  const release = byTag.get(tag) ?? { status: "failed" }
  // Nobody knew it as unfinished before, and it has begun.
  return release.status === "restore" && session.was === "" && session.moved
    ? { status: "stopped", delay: release.delay }
    : release
}

/** What an execution is after a run that did not end well. */
export const afterRun = (session: Session, cause: Cause.Cause<unknown>): Release =>
  Cause.isInterruptedOnly(cause)
    ? { status: "stopped", delay: 0 }
    : ofError(session, Option.getOrUndefined(Cause.failureOption(cause)))

const notStuck = ({ claim, claims }: Session, { maxClaims = Infinity }: RunOptions) =>
  claims > maxClaims
    ? Effect.fail(new ExecutionStuck({ executionId: claim.executionId, claims: claims - 1 }))
    : Effect.void

/** The head is of another graph: the claim was a mistake, and goes without a trace. */
const notOfAnother = (session: Session): Effect.Effect<void, GraphMismatch> => {
  const { executionId, graph } = session.claim
  const actual = writerIn(session.found)
  return actual === undefined || actual === graph
    ? Effect.void
    : Effect.zipRight(
      release(session, { status: "completed" }),
      new GraphMismatch({ executionId, expected: graph, actual })
    )
}

/** Holds an execution while it is used, and gives it back as what it then is. */
export const hold = <A, E, R>(
  core: Core,
  executionId: string,
  graph: string,
  { durability, lease }: Pick<Rules, "durability" | "lease">,
  options: RunOptions & ClaimOptions,
  use: (session: Session, restore: Restore) => Effect.Effect<A, E, R>,
  after: {
    readonly success: (result: A) => Release
    readonly failure: (session: Session, cause: Cause.Cause<unknown>) => Release
  }
): Effect.Effect<A, E | ExecutionBusy | ExecutionStuck | GraphMismatch | StorageError, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const claim = { executionId, graph, token: globalThis.crypto.randomUUID(), lease }
      const session = yield* open(core, claim, options, durability)
      yield* notOfAnother(session)
      const beat = yield* Effect.fork(Effect.interruptible(heartbeat(session)))
      const exit = yield* Effect.exit(Effect.zipRight(notStuck(session, options), use(session, restore)))
      yield* Fiber.interrupt(beat)
      const as = Exit.isSuccess(exit) ? after.success(exit.value) : after.failure(session, exit.cause)
      yield* release(session, as)
      return yield* exit
    })
  )
