import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { RedisCommandError, type StorageError } from "../../../schema/Errors.js"
import type { Command } from "../../../services/RedisCommand.js"
import { slots } from "../../slot.js"
import { connectionError } from "../classify.js"
import type { RedisClient } from "../client.js"
import { Connection } from "../connection.js"
import { close, logger } from "../lifecycle.js"
import { roundTrip } from "../roundTrip.js"
import type { OwnSettings } from "../settings.js"
import { type Address, nameOf, type Range, rangesOf } from "./topology.js"

const askSlots: Command = { _tag: "Command", name: "CLUSTER", args: ["SLOTS"], bytes: false, repeatable: true }

/** The masters of a cluster, a connection to each, and who has which slot. */
export class Cluster {
  private readonly nodes = new Map<string, Connection>()
  private readonly addresses = new Map<string, Address>()
  private owners: Array<string | undefined> = Array.from({ length: slots }, () => undefined)
  private released = false
  /** Counts what was learned, or could not be, so that those who failed together ask once. */
  private generation = 0
  private readonly one = Effect.unsafeMakeSemaphore(1)

  constructor(
    readonly settings: OwnSettings,
    private readonly seeds: ReadonlyArray<Address>,
    private readonly create: (settings: OwnSettings) => RedisClient,
    private readonly runtime: Runtime.Runtime<never>
  ) {}

  get isReleased(): boolean {
    return this.released
  }

  get knowledge(): number {
    return this.generation
  }

  /** Connections to all masters. */
  get masters(): ReadonlyArray<Connection> {
    return [...new Set(this.owners)].flatMap((name) => name === undefined ? [] : [this.named(name)])
  }

  /** The name of the node that has a slot, for what is known. */
  ownerOf(slot: number): string | undefined {
    return this.owners[slot]
  }

  /** A node for what any can answer: one that is connected, if there is one. */
  anyOwner(): string | undefined {
    for (const [name, connection] of this.nodes) if (connection.isOpen && this.owners.includes(name)) return name
    return this.owners.find((name) => name !== undefined)
  }

  addressOf(name: string): Address {
    return this.addresses.get(name)!
  }

  named(name: string): Connection {
    return this.nodes.get(name) ?? this.open(this.addresses.get(name)!)
  }

  /** Takes a node's word for where a slot is, and asks for the rest in the background. */
  moved(slot: number, to: Address): void {
    this.owners[slot] = this.know(to)
    Runtime.runFork(this.runtime)(Effect.ignore(this.refresh(this.generation)))
  }

  know(address: Address): string {
    const name = nameOf(address)
    if (!this.addresses.has(name)) this.addresses.set(name, address)
    return name
  }

  /** Asks who has what, unless somebody has since `known`. */
  refresh(known: number): Effect.Effect<void, StorageError> {
    return this.one.withPermits(1)(Effect.suspend(() => known < this.generation ? Effect.void : this.ask()))
  }

  /** No program passes from now on. */
  release(): Effect.Effect<void> {
    this.released = true
    const all = [...this.nodes.values()]
    this.nodes.clear()
    return Effect.forEach(all, close, { concurrency: "unbounded", discard: true })
  }

  private open(address: Address): Connection {
    const name = this.know(address)
    const target = { address: name, host: address.host, port: address.port, db: 0 }
    const settings = { ...this.settings, target, batches: false }
    const connection = new Connection(
      this.create(settings),
      settings,
      Runtime.runSync(this.runtime)(logger(target))
    )
    if (this.released) connection.release()
    else this.nodes.set(name, connection)
    return connection
  }

  /** Those that answer first, then the others, then those to begin with. */
  private candidates(): ReadonlyArray<Address> {
    const known = [...this.nodes].toSorted(([, a], [, b]) => Number(b.isOpen) - Number(a.isOpen)).map(([name]) => name)
    const names = new Set([...known, ...this.seeds.map((seed) => this.know(seed))])
    return [...names].map((name) => this.addressOf(name))
  }

  private ask(): Effect.Effect<void, StorageError> {
    if (this.released) {
      return Effect.fail(connectionError("Closed", { address: this.settings.target.address, outcome: "NotSent" }))
    }
    const [first, ...others] = this.candidates().map((address) => Effect.suspend(() => this.askOne(address)))
    const answer = others.reduce((one, other) => Effect.orElse(one, () => other), first!)
    return Effect.tapError(answer, () => Effect.sync(() => this.generation++))
  }

  private askOne(address: Address): Effect.Effect<void, StorageError> {
    return Effect.flatMap(
      roundTrip(this.named(nameOf(address)), {
        commands: [askSlots],
        transaction: false,
        withSource: false,
        timeout: this.settings.connectTimeout
      }),
      ([reply = null]) => {
        if (reply instanceof RedisCommandError) return Effect.fail(reply)
        const ranges = rangesOf(reply, address)
        return ranges.length === 0 ? Effect.fail(noSlots) : Effect.sync(() => this.learn(ranges))
      }
    )
  }

  private learn(ranges: ReadonlyArray<Range>): void {
    this.generation++
    const owners: Array<string | undefined> = Array.from({ length: slots }, () => undefined)
    for (const { from, master, to } of ranges) owners.fill(this.know(master), from, to + 1)
    this.owners = owners
    const masters = new Set(owners)
    for (const [name, connection] of this.nodes) {
      if (masters.has(name)) continue
      this.nodes.delete(name)
      Runtime.runFork(this.runtime)(close(connection))
    }
  }
}

const noSlots = new RedisCommandError({
  command: "CLUSTER",
  code: "CLUSTERDOWN",
  message: "CLUSTERDOWN the cluster has no slots yet"
})
