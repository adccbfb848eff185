import { RedisCommandError } from "../../../schema/Errors.js"
import type { Reply } from "../../../services/RedisReply.js"

/** A node as others name it. */
export interface Address {
  readonly host: string
  readonly port: number
}

export const nameOf = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`

/** `host:port`, where the host may be an address of IPv6; nothing if it is not. */
export const parseAddress = (text: string): Address | undefined => {
  const found = /^(?:\[([^\]]+)\]|([^[\]]+)):(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  const host = found?.[1] ?? found?.[2]
  return host !== undefined && port > 0 && port <= 65_535 ? { host, port } : undefined
}

/** Which slots a master has, both ends included. */
export interface Range {
  readonly from: number
  readonly to: number
  readonly master: Address
}

/** A node that does not know its own name, or must not tell it, is the one that was asked. */
const addressOf = (node: Reply | undefined, asked: Address): Address | undefined => {
  if (!Array.isArray(node)) return undefined
  const [host, port] = node
  return { host: typeof host === "string" && host !== "" && host !== "?" ? host : asked.host, port: Number(port) }
}

/** The reply to `CLUSTER SLOTS`. */
export const rangesOf = (reply: Reply, asked: Address): ReadonlyArray<Range> => {
  if (!Array.isArray(reply)) return []
  return reply.flatMap((entry) => {
    if (!Array.isArray(entry)) return []
    const [from, to, node] = entry
    const master = addressOf(node, asked)
    return master === undefined ? [] : [{ from: Number(from), to: Number(to), master }]
  })
}

/** What a node says that has not, or not any more, what was asked for. */
export interface Redirect {
  /** `ASK` is for this command alone: the slot is on its way. */
  readonly kind: "MOVED" | "ASK"
  readonly slot: number
  readonly to: Address
}

/** Without a host it is the node that said so. */
export const redirectOf = (reply: Reply | undefined, asked: Address): Redirect | undefined => {
  if (!(reply instanceof RedisCommandError) || (reply.code !== "MOVED" && reply.code !== "ASK")) return undefined
  const [, slot, target = ""] = reply.message.split(" ")
  const to = target.startsWith(":") ? { host: asked.host, port: Number(target.slice(1)) } : parseAddress(target)
  return to === undefined ? undefined : { kind: reply.code, slot: Number(slot), to }
}
