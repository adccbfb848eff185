import type * as net from "node:net"

/** What happens to the next request; `bytes` count from its first byte, on into the requests that follow it. */
export type Fault =
  /** Cut before a byte of the request is forwarded. */
  | { readonly _tag: "CutBeforeRequest" }
  /** Forward so many bytes of the request, then cut. */
  | { readonly _tag: "CutInRequest"; readonly bytes: number }
  /** Forward the request, cut when the reply arrives, before a byte of it is forwarded. */
  | { readonly _tag: "CutBeforeReply" }
  /** Forward the request and so many bytes of the reply, then cut. */
  | { readonly _tag: "CutInReply"; readonly bytes: number }
  /** Forward so many bytes, and what follows in packets of their own. */
  | { readonly _tag: "SplitInRequest" | "SplitInReply"; readonly bytes: number }
  /** Forward so many bytes, and hold back what follows on this side until `resume`. */
  | { readonly _tag: "DelayInRequest" | "DelayInReply"; readonly bytes: number }
  /** Forward so many bytes and swallow what follows on this side; the connection stays open. */
  | { readonly _tag: "DropInRequest" | "DropInReply"; readonly bytes: number }
  /** Hold the request back, and what follows it on this connection, until `resume`. */
  | { readonly _tag: "StallRequest" }
  /** Forward the request, hold everything from the server back until `resume`. */
  | { readonly _tag: "StallReply" }

/** Bytes count as they reach the proxy, also when they are held back or cut off. */
export interface Stats {
  roundTrips: number
  bytesToServer: number
  bytesToClient: number
  connections: number
}

/** What the connections of one proxy share. */
export interface Hub {
  stats: Stats
  armed: { readonly fault: Fault; readonly struck: () => void } | undefined
  paused: boolean
  readonly links: Set<Link>
}

type Side = "request" | "reply"

type Kind = "Cut" | "Split" | "Delay" | "Drop"

/** What may still pass on a side before the fault strikes there. */
interface Limit {
  readonly kind: Kind
  readonly side: Side
  bytes: number
  readonly struck: () => void
}

/** One connection through the proxy. */
export class Link {
  private inBurst = false
  private cutting = false
  private stalled: Side | undefined
  private dropped: Side | undefined
  private limit: Limit | undefined
  private held: Array<{ readonly side: Side; readonly chunk: Buffer }> = []

  constructor(
    private readonly hub: Hub,
    private readonly client: net.Socket,
    private readonly server: net.Socket
  ) {
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      socket.on("error", () => other.destroy())
      socket.on("end", () => other.end())
      socket.on("close", () => {
        other.end()
        hub.links.delete(this)
      })
    }
    client.on("data", (chunk) => this.fromClient(chunk))
    server.on("data", (chunk) => this.fromServer(chunk))
  }

  cut(reset: boolean): void {
    this.held = []
    for (const socket of [this.client, this.server]) {
      if (reset) socket.resetAndDestroy()
      else socket.destroy()
    }
  }

  release(): void {
    this.stalled = undefined
    for (const { side, chunk } of this.held.splice(0)) this.pass(side, chunk)
  }

  private fromClient(chunk: Buffer): void {
    if (!this.inBurst) {
      this.inBurst = true
      this.hub.stats.roundTrips++
      this.strike()
    }
    this.hub.stats.bytesToServer += chunk.length
    this.pass("request", chunk)
  }

  private fromServer(chunk: Buffer): void {
    this.inBurst = false
    this.hub.stats.bytesToClient += chunk.length
    this.pass("reply", chunk)
  }

  private strike(): void {
    const { armed } = this.hub
    if (armed === undefined) return
    this.hub.armed = undefined
    const { fault, struck } = armed
    const side = fault._tag.endsWith("Request") ? "request" : "reply"
    const kind = (["Cut", "Split", "Delay", "Drop"] as const).find((kind) => fault._tag.startsWith(kind))
    if (kind === undefined) {
      this.stalled = side
      struck()
    } else this.limit = { kind, side, bytes: "bytes" in fault ? fault.bytes : 0, struck }
  }

  private pass(side: Side, chunk: Buffer): void {
    if (this.cutting || this.dropped === side) return
    if (this.hub.paused || this.stalled === side) {
      this.held.push({ side, chunk })
    } else if (this.limit?.side === side) {
      this.passLimited(side, chunk, this.limit)
    } else {
      this.write(side, chunk)
    }
  }

  private passLimited(side: Side, chunk: Buffer, limit: Limit): void {
    if (chunk.length < limit.bytes) {
      limit.bytes -= chunk.length
      this.write(side, chunk)
      return
    }
    this.limit = undefined
    const passing = chunk.subarray(0, limit.bytes)
    if (limit.kind === "Cut") this.cutBehind(side, passing, limit.struck)
    else {
      if (passing.length > 0) this.write(side, passing)
      if (limit.kind === "Drop") this.dropped = side
      else this.holdBack(side, chunk.subarray(limit.bytes), limit.kind === "Split")
      limit.struck()
    }
  }

  private cutBehind(side: Side, passing: Buffer, struck: () => void): void {
    this.cutting = true
    const cut = () => {
      this.cut(false)
      struck()
    }
    const target = side === "request" ? this.server : this.client
    if (passing.length === 0) cut()
    else target.end(passing, cut)
  }

  private holdBack(side: Side, rest: Buffer, shortly: boolean): void {
    this.stalled = side
    if (rest.length > 0) this.held.push({ side, chunk: rest })
    if (shortly) setTimeout(() => this.release(), 1)
  }

  private write(side: Side, chunk: Buffer): void {
    const [source, target] = side === "request" ? [this.client, this.server] : [this.server, this.client]
    if (target.destroyed || target.write(chunk)) return
    source.pause()
    target.once("drain", () => source.resume())
  }
}
