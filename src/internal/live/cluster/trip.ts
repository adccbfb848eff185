import * as Effect from "effect/Effect"
import type { RedisCommandError, StorageError } from "../../../schema/Errors.js"
import type { RunOptions } from "../../../services/Redis.js"
import type { Command } from "../../../services/RedisCommand.js"
import type { Reply } from "../../../services/RedisReply.js"
import { isPassing } from "../retry.js"
import { attemptOf } from "../run.js"
import type { Cluster } from "./Cluster.js"
import type { Route } from "./route.js"
import { Setback, unmapped } from "./setback.js"
import { redirectOf } from "./topology.js"

const asking: Command = { _tag: "Command", name: "ASKING", args: [], bytes: false, repeatable: true }

/** How often one attempt follows nodes that point at each other. */
const mostHops = 5

/**
 * One program on its way through a cluster: each command goes to the node that has its slot, those of one
 * node together, and follows it. What has its reply is not sent again.
 */
export class Trip {
  readonly replies: Array<Reply | undefined>
  /** Where a command is to go but for its slot, because a node said so for this time. */
  private readonly asked = new Map<number, string>()
  private deadline = 0
  /** What goes to many nodes at once is stopped by the fibers that wait for it. */
  private readonly parent: RunOptions["parent"]

  constructor(
    private readonly cluster: Cluster,
    private readonly commands: ReadonlyArray<Command>,
    private readonly routes: ReadonlyArray<Route>,
    { parent }: RunOptions
  ) {
    this.replies = commands.map(() => undefined)
    this.parent = parent
  }

  /** Whether a command has been applied, or refused for good. */
  get begun(): boolean {
    return this.replies.some((reply) => reply !== undefined)
  }

  /** Sends what is without a reply. */
  readonly attempt: Effect.Effect<void, Setback> = Effect.suspend(() => {
    this.deadline = performance.now() + this.cluster.settings.timeout
    return this.hop(mostHops)
  })

  /** What was refused for a passing reason keeps that as its reply. */
  giveUp({ error }: Setback): ReadonlyArray<Reply> | undefined {
    return error._tag === "RedisCommandError" ? this.replies.map((reply) => reply ?? error) : undefined
  }

  private hop(left: number): Effect.Effect<void, Setback> {
    const groups = this.groups()
    if (groups === undefined) return Effect.fail(new Setback(unmapped, true))
    const sent = [...groups].map(([node, indices]) => this.send(node, indices))
    const [only] = sent
    const all = sent.length === 1 && only !== undefined
      ? Effect.map(only, (setback) => [setback])
      : Effect.all(sent, { concurrency: "unbounded" })
    return Effect.flatMap(all, (setbacks) => {
      const setback = setbacks.reduce(worse, undefined)
      if (setback !== undefined) return Effect.fail(setback)
      if (this.replies.every((reply) => reply !== undefined)) return Effect.void
      return left > 0 ? this.hop(left - 1) : Effect.fail(new Setback(unmapped, true))
    })
  }

  /** The commands without a reply by the node that they go to; nothing when a slot has none. */
  private groups(): ReadonlyMap<string, Array<number>> | undefined {
    const groups = new Map<string, Array<number>>()
    let before: string | undefined
    for (const [i, route] of this.routes.entries()) {
      const node = this.asked.get(i) ?? this.nodeOf(route, before)
      if (node === undefined) return undefined
      before = node
      if (this.replies[i] !== undefined) continue
      const group = groups.get(node)
      if (group === undefined) groups.set(node, [i])
      else group.push(i)
    }
    return groups
  }

  private nodeOf(route: Route, before: string | undefined): string | undefined {
    if (typeof route === "number") return this.cluster.ownerOf(route)
    return before ?? this.cluster.anyOwner()
  }

  private send(node: string, indices: ReadonlyArray<number>): Effect.Effect<Setback | undefined> {
    const sent: Array<Command> = []
    const places = indices.map((i) => {
      if (this.asked.has(i)) sent.push(asking)
      return sent.push(this.commands[i]!) - 1
    })
    const timeout = Math.max(1, this.deadline - performance.now())
    const batch = { commands: sent, transaction: false, withSource: false, timeout, parent: this.parent }
    return Effect.match(attemptOf(this.cluster.named(node), batch), {
      onFailure: (error) => new Setback(error, mayRepeat(error, indices.every((i) => this.commands[i]!.repeatable))),
      onSuccess: (replies) => this.take(node, indices, places.map((place) => replies[place] ?? null))
    })
  }

  private take(
    node: string,
    indices: ReadonlyArray<number>,
    replies: ReadonlyArray<Reply>
  ): Setback | undefined {
    let refused: RedisCommandError | undefined
    const behind = new Set<Route>()
    indices.forEach((i, at) => {
      const reply = replies[at]!
      this.asked.delete(i)
      const redirect = redirectOf(reply, this.cluster.addressOf(node))
      const route = this.slotBefore(i)
      if (redirect?.kind === "MOVED") this.cluster.moved(redirect.slot, redirect.to)
      if (redirect?.kind === "ASK") this.asked.set(i, this.cluster.know(redirect.to))
      if (isPassing(reply)) refused ??= reply
      if (redirect !== undefined || isPassing(reply)) behind.add(route)
      // What reads, or waits for, what has still to be written comes again behind it.
      else if (!behind.has(route) || !this.commands[i]!.repeatable) this.replies[i] = reply
    })
    return refused === undefined ? undefined : new Setback(refused, true)
  }

  /** The slot of a command, or of the one that it goes along with. */
  private slotBefore(i: number): Route {
    const route = this.routes[i]!
    return route === "along" && i > 0 ? this.slotBefore(i - 1) : route
  }
}

/** A refusal comes here from the handshake only: it will be the same again. */
const mayRepeat = (error: StorageError, repeatable: boolean): boolean =>
  error._tag === "RedisConnectionError" && error.retryable && (error.outcome === "NotSent" || repeatable)

/** A lost connection says more than a refusal, and one that may have written most of all. */
const worse = (a: Setback | undefined, b: Setback | undefined): Setback | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  if (a.safe !== b.safe) return a.safe ? b : a
  return a.error._tag === "RedisConnectionError" ? a : b
}
