import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { CheckpointConflict, CheckpointDecodeError, StorageError } from "../../schema/Errors.js"
import type { ExecutionBusy, GraphMismatch } from "../../schema/ExecutionErrors.js"
import { Fenced, type StepCodecError } from "../../schema/ExecutionErrors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import type { RunOptions } from "../../services/GraphRunner.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import { countExpired } from "../observe.js"
import { acknowledged, type Acknowledgement } from "../programs/acknowledged.js"
import type { Plan } from "../programs/placing.js"
import type { Core } from "../store/core.js"
import { envelopeOf } from "../store/decode.js"
import type { Envelope } from "../store/decoding.js"
import { naming } from "../store/placing.js"
import type { Prepared } from "../store/writing.js"
import { baseOf, type Family, familyOf, noFamily } from "./family.js"
import { codedMemo, uncodedMemo, uncodedMemos } from "./memos.js"
import { planClaim, releaseAs, unplan, withPlan } from "./planning.js"
import { writerOf } from "./record.js"
import { stopHere } from "./stopHere.js"

/** Why an execution is no longer this process's. */
export type Lost = Fenced | CheckpointConflict

/** An execution that this process holds: its lease, its head, and what is recorded under it. */
export interface Session {
  readonly core: Core
  readonly claim: ExecutionProgram.Claim
  readonly clock: Clock.Clock
  readonly epoch: number
  /** Claims since the execution last got on or was given back. */
  readonly claims: number
  /** How it stood before it was claimed; `""`: it was not known as unfinished. */
  readonly was: string
  /** What was stored when the execution was claimed. */
  readonly found: Option.Option<Envelope>
  /** What is recorded under the head cannot be read: no news to who clears it, others fail with it. */
  readonly unreadable: CheckpointDecodeError | undefined
  /** On a cluster: what the unfinished of the graph say of it. */
  plan: Plan
  /** The version of the head, 0 for none. */
  head: number
  /** Of the head. */
  family: Family
  /** The version of the head when what is next was reached. */
  base: number
  /** What is recorded since then. */
  memos: Map<string, string>
  lost: Lost | undefined
  /** Something was committed since the claim. */
  moved: boolean
  /** A node failed: its error is not the runner's, whatever its tag. */
  failedInNode: boolean
  /** But for this error, which a node has from a child. */
  spared: unknown
  /** Results of steps whose record has not been acknowledged: their effects have happened. */
  readonly unrecorded: Map<string, string>
  /** Nodes that run; they are interrupted when the execution is lost. */
  readonly running: Set<Fiber.RuntimeFiber<unknown, unknown>>
  /** Of what is recorded and committed. */
  readonly durability: Acknowledgement | undefined
  /** The server's time in milliseconds, by this process's steady clock since the claim. */
  readonly time: () => number
}

const steadyMillis = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

/** What was recorded since a version. */
export const under = (base: number, memos: ReadonlyMap<string, string>): Map<string, string> => {
  const prefix = `${base}:`
  return new Map(
    Array.from(memos).filter(([field]) => field.startsWith(prefix)).map(([field, value]) => [
      field.slice(prefix.length),
      value
    ])
  )
}

/** The pages of memos behind the first one. */
export const moreMemos = (
  core: Core,
  executionId: string,
  first: ExecutionProgram.MemoPage
): Effect.Effect<ReadonlyMap<string, string>, StorageError> =>
  Effect.gen(function*() {
    const all = new Map(first.memos)
    let { cursor } = first
    while (cursor !== "0") {
      const page = yield* core.redis.pipeline(ExecutionProgram.memos(core.layout, executionId, cursor))
      for (const [field, value] of page.memos) all.set(field, value)
      cursor = page.cursor
    }
    return all
  })

type Claiming = RunOptions & ExecutionProgram.ClaimOptions

/** An attempt at a claim, and what is stored whether or not it succeeds. */
const look = (core: Core, claim: ExecutionProgram.Claim, options: Claiming) =>
  core.redis.pipeline(RedisProgram.all({
    claimed: RedisProgram.either(ExecutionProgram.claim(core.layout, claim, options)),
    found: RedisProgram.map(
      CheckpointProgram.latest(core.layout, claim.executionId, core.renew),
      ({ expired, found }) => ({
        expired,
        head: Option.map(
          Option.fromNullable(found),
          ({ checkpointId, payload }) => envelopeOf(core.layout, checkpointId, payload)
        )
      })
    ),
    memos: ExecutionProgram.memos(core.layout, claim.executionId, "0")
  }))

/** The graph that wrote the head. */
export const writerIn = (head: Option.Option<Envelope>): string | undefined =>
  Option.match(Option.flatMap(head, Either.getRight), { onNone: () => undefined, onSome: writerOf })

/**
 * Claims an execution and reads it, in one round trip. A process of another graph that died before it
 * saw whose the execution is has left its claim: then two.
 */
const claimed = (core: Core, claim: ExecutionProgram.Claim, options: Claiming) =>
  Effect.gen(function*() {
    const first = yield* look(core, claim, options)
    const refused = Option.getOrUndefined(Either.getLeft(first.claimed))
    const { claimed, found, memos } = refused?._tag === "GraphMismatch" && writerIn(first.found.head) === claim.graph
      ? yield* look(core, claim, { ...options, mistaken: refused.actual })
      : first
    return { claimed: yield* Either.match(claimed, { onLeft: Effect.fail, onRight: Effect.succeed }), found, memos }
  })

/** An execution that was claimed and read. On a cluster it is named among the unfinished before, 1 round trip. */
export const open = (
  core: Core,
  claim: ExecutionProgram.Claim,
  options: Claiming,
  durability: Acknowledgement | undefined
): Effect.Effect<Session, ExecutionBusy | GraphMismatch | StorageError> =>
  Effect.gen(function*() {
    const { executionId } = claim
    const plan = yield* planClaim(core, claim, options)
    const { claimed: { claims, epoch, now, was }, found: { expired, head: found }, memos } = yield* Effect.tapError(
      claimed(core, claim, options),
      unplan(core, claim, plan)
    )
    const clock = yield* Effect.clock
    const steady = steadyMillis(clock)
    yield* countExpired(expired)
    const checkpoint = Option.getOrUndefined(Option.flatMap(found, Either.getRight))
    const base = checkpoint === undefined ? 0 : baseOf(checkpoint)
    const recorded = under(base, yield* moreMemos(core, executionId, memos))
    const at = { executionId, base, checkpointId: checkpoint?.id ?? "" }
    const readable = yield* Effect.either(uncodedMemos(core, at, recorded))
    return {
      core,
      claim,
      clock,
      epoch,
      claims,
      was,
      found,
      unreadable: Option.getOrUndefined(Either.getLeft(readable)),
      plan,
      head: checkpoint?.version ?? 0,
      family: checkpoint === undefined ? noFamily : familyOf(checkpoint),
      base,
      memos: recorded,
      lost: undefined,
      moved: false,
      failedInNode: false,
      spared: undefined,
      unrecorded: new Map<string, string>(),
      durability,
      running: new Set<Fiber.RuntimeFiber<unknown, unknown>>(),
      time: () => now + steadyMillis(clock) - steady
    }
  })

/** From here on nothing may be written: what runs is stopped. */
export const lose = (session: Session, why: Lost): Effect.Effect<void> =>
  Effect.suspend(() => {
    session.lost ??= why
    return Effect.forEach([...session.running], Fiber.interruptFork, { discard: true })
  })

/** Renews the lease three times in its life. What Redis does not answer is tried again: only another claim ends it. */
export const heartbeat = (session: Session): Effect.Effect<void> => {
  const { claim, core } = session
  const pause = Duration.millis(claim.lease / 3)
  const renew = Effect.map(
    core.redis.pipeline(withPlan(core, claim, session.plan, ExecutionProgram.renew(core.layout, claim, core.ttl))),
    ([held, plan]) => {
      session.plan = plan
      return held
    }
  )
  const beat: Effect.Effect<void> = Effect.sleep(pause).pipe(
    Effect.zipRight(Effect.catchAll(renew, () => Effect.succeed(true))),
    Effect.flatMap((held) => held ? beat : lose(session, new Fenced({ executionId: claim.executionId })))
  )
  return beat
}

const loseBy = (session: Session) => (error: Lost | StorageError): Effect.Effect<void> =>
  error._tag === "Fenced" || error._tag === "CheckpointConflict" ? lose(session, error) : Effect.void

const write = (
  session: Session,
  memo: ExecutionProgram.Memo,
  going: () => boolean
): Effect.Effect<string, Lost | StorageError> => {
  const { claim, core } = session
  const program = acknowledged(ExecutionProgram.memo(core.layout, claim.token, memo, core.ttl), session.durability)
  // Who waited for a codec may go on no more.
  return Effect.suspend(() => going() ? core.redis.pipeline(program) : stopHere).pipe(
    Effect.tapError((error) => going() ? loseBy(session)(error) : Effect.void)
  )
}

/** Records a value under the head, and gives what is recorded. Nobody learns of it who does not go on any more. */
export const record = (
  session: Session,
  field: string,
  value: string,
  going: () => boolean = () => true
): Effect.Effect<string, Lost | StepCodecError | StorageError> =>
  Effect.gen(function*() {
    const { base, claim: { executionId }, core, head } = session
    const coded = yield* codedMemo(core, { executionId, base, head, field, value })
    const stored = yield* write(session, coded, going)
    const recorded = stored === coded.value ? value : yield* uncodedMemo(core, { ...coded, value: stored })
    if (going()) {
      session.memos.set(field, recorded)
      session.unrecorded.delete(field)
    }
    return recorded
  })

/** Moves the head. An edit that keeps the base keeps what was recorded since. */
export const commit = (
  session: Session,
  { entry, options }: Prepared,
  base: number
): Effect.Effect<void, Lost | StorageError> => {
  const { claim, core } = session
  const keepMemos = base === session.base
  const guarded = {
    ttl: options.ttl,
    maxCheckpoints: options.maxCheckpoints,
    expectedVersion: session.head === 0 ? "none" as const : session.head,
    keepMemos
  }
  const program = acknowledged(ExecutionProgram.commit(core.layout, claim, entry, guarded), session.durability)
  return Effect.matchEffect(core.redis.pipeline(naming(core, [claim.executionId], program)), {
    onFailure: (error) => Effect.zipRight(loseBy(session)(error), Effect.fail(error)),
    onSuccess: (expired) => {
      session.head = entry.version
      session.moved = true
      if (!keepMemos) {
        session.base = base
        session.memos = new Map()
      }
      return countExpired(expired)
    }
  })
}

/** Gives the execution back. What fails here costs the rest of the lease, no more. */
export const release = (session: Session, as: ExecutionProgram.Release): Effect.Effect<void> =>
  session.lost === undefined
    ? Effect.ignore(releaseAs(session.core, session.claim, session.plan, as))
    : Effect.void
