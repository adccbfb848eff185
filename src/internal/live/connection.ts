import type { StorageError } from "../../schema/Errors.js"
import {
  becauseOf,
  connectionError,
  failure,
  firstFailure,
  isLeaderless,
  isUnwritten,
  reasonOf,
  refusesHandshake,
  silence
} from "./classify.js"
import { type RedisClient, type RedisStream, sentinelTrouble } from "./client.js"
import { Outbox } from "./outbox.js"
import type { Settings } from "./settings.js"

/** A program that waits for a connection. Called once, either way. */
export interface Waiter {
  readonly ready: () => void
  readonly failed: (error: StorageError) => void
}

/** What the log is told: the connection was lost, or is back. */
export interface Watcher {
  readonly lost: (error: StorageError) => void
  readonly back: () => void
}

const noop = (): void => {}

/**
 * A client and what is known of its connection. Programs pass the gate only
 * while bytes can be written, so that it is always known whether one was sent.
 */
export class Connection {
  /** Digests of the scripts that were sent on the present connection. */
  readonly loaded = new Set<string>()
  readonly outbox = new Outbox(this)
  private readonly waiters = new Set<Waiter>()
  private readonly children = new Set<Connection>()
  private open = false
  private lost = false
  private established = false
  private released = false
  /** The first error since the present attempt to connect began: those that follow are its consequences. */
  private cause: unknown
  /** One error for all that one loss takes: thousands can be in flight. */
  private loss: { readonly cause: unknown; readonly error: StorageError } | undefined
  /** What the sentinel that was asked last answered, if it did not lead to a master. */
  private sentinelCause: unknown
  /** What connections to sentinels met, by their addresses: ioredis calls it "closed". */
  private readonly sentinelTroubles = new Map<string, unknown>()
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private readonly listeners = {
    connecting: () => this.onConnecting(),
    ready: () => this.onReady(),
    error: (error: unknown) => this.onError(error),
    sentinelError: (error: unknown) => this.onSentinelError(error),
    [sentinelTrouble]: (address: unknown, error: unknown) => this.sentinelTroubles.set(String(address), error),
    close: () => this.onClose(),
    end: () => this.onClose()
  }

  constructor(
    readonly client: RedisClient,
    readonly settings: Settings,
    private readonly watcher: Watcher
  ) {
    for (const [event, listener] of Object.entries(this.listeners)) client.on(event, listener)
    if (client.status === "ready") this.open = this.established = true
    else if (client.status === "connecting" || client.status === "connect") this.watch()
  }

  /** Whether a command written now goes out on this connection. */
  get isOpen(): boolean {
    return this.open && !this.released && this.client.status === "ready" && this.client.stream?.writable === true
  }

  get isReleased(): boolean {
    return this.released
  }

  /** Tells `waiter` when the gate opens, or when the present attempt to connect has failed. */
  await(waiter: Waiter): void {
    if (this.released || this.client.status === "end") {
      waiter.failed(this.notSent())
      return
    }
    this.waiters.add(waiter)
    if (this.client.status === "wait") this.client.connect().catch(noop)
  }

  leave(waiter: Waiter): void {
    this.waiters.delete(waiter)
  }

  /** Drops the connection on which a program was sent, and with it what is still in flight there. */
  abandon(stream: RedisStream | undefined, cause: unknown): void {
    if (stream === undefined || this.client.stream !== stream) return
    this.note(cause)
    stream.destroy()
  }

  /** Why a program that waited until its deadline was not sent. */
  waitedInVain(): StorageError {
    return this.notSent(this.silence())
  }

  /** Why commands given to the client got no reply. */
  lostInFlight(error: unknown): StorageError {
    const cause = this.cause ?? error
    const { address } = this.settings.target
    const reason = reasonOf(cause) ?? "Closed"
    if (isUnwritten(error)) return connectionError(reason, { address, outcome: "NotSent" }, cause)
    if (this.loss !== undefined && this.loss.cause === cause) return this.loss.error
    const lost = connectionError(reason, { address, outcome: "Unknown" }, cause)
    this.loss = { cause, error: lost }
    return lost
  }

  /** Is released no later than this connection. */
  adopt(child: Connection): void {
    this.children.add(child)
    if (this.released) child.release()
  }

  disown(child: Connection): void {
    this.children.delete(child)
  }

  /** No program passes from now on. */
  release(): void {
    this.released = true
    this.failWaiters()
    for (const child of this.children) child.release()
  }

  /** Leaves the client as it was found. */
  detach(): void {
    this.release()
    clearTimeout(this.watchdog)
    for (const [event, listener] of Object.entries(this.listeners)) this.client.off(event, listener)
  }

  /** Why a program was not sent, for what is known now. */
  private notSent(cause = this.cause): StorageError {
    const place = { address: this.settings.target.address, outcome: "NotSent" } as const
    const ended = cause === undefined && this.client.status === "end"
    if (this.released || ended) return connectionError("Closed", place)
    return this.established ? failure(cause, place) : firstFailure(cause, place, this.settings.secure)
  }

  /** What the peer does that accepted a connection, or did not even do that. */
  private silence(): Error {
    const { status, stream } = this.client
    return silence(this.settings.secure && status === "connecting" && stream?.connecting === false)
  }

  private failWaiters(): void {
    if (this.waiters.size === 0) return
    const error = this.notSent()
    const waiters = [...this.waiters]
    this.waiters.clear()
    for (const waiter of waiters) waiter.failed(error)
  }

  /** `connectTimeout` of ioredis ends with TCP: a peer that accepts and stays silent would hold it for ever. */
  private watch(): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => {
      this.note(this.silence())
      this.client.stream?.destroy()
    }, this.settings.connectTimeout)
  }

  private note(error: unknown): void {
    this.cause ??= error
  }

  /** When no sentinel leads to a master, ioredis goes on asking: no other event says that an attempt has failed. */
  private onError(error: unknown): void {
    if (!isLeaderless(error)) {
      this.note(error)
      return
    }
    this.cause = this.sentinelCause ?? error
    this.failWaiters()
  }

  private onSentinelError(error: unknown): void {
    this.sentinelCause = becauseOf(error, this.sentinelTroubles)
  }

  private onConnecting(): void {
    this.sentinelCause = undefined
    this.sentinelTroubles.clear()
    this.cause = undefined
    this.loss = undefined
    this.watch()
  }

  /** An error reply to SELECT leaves ioredis "ready" on the wrong database. */
  private onReady(): void {
    clearTimeout(this.watchdog)
    if (refusesHandshake(this.cause)) {
      this.client.stream?.destroy()
      return
    }
    this.cause = undefined
    this.loaded.clear()
    this.open = this.established = true
    this.nameConnection()
    if (this.lost) this.watcher.back()
    this.lost = false
    const waiters = [...this.waiters]
    this.waiters.clear()
    for (const waiter of waiters) waiter.ready()
  }

  /** Not the `connectionName` of ioredis: it swallows the error that CLIENT SETNAME, sent first, may get. */
  private nameConnection(): void {
    const { clientName } = this.settings
    if (clientName !== undefined) this.client.call("client", ["SETNAME", clientName]).catch(noop)
  }

  private onClose(): void {
    clearTimeout(this.watchdog)
    if (this.open && !this.released) {
      this.lost = true
      this.watcher.lost(this.notSent())
    }
    this.open = false
    this.failWaiters()
  }
}
