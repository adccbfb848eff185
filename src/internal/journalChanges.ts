import type { Line } from "./keyspace/dump.js"
import type { Keyspace } from "./keyspace/Keyspace.js"

/** What changed in memory since the last commit. */
export class Changes {
  private lines: Array<Line> = []
  private expired: Array<string> = []
  /** A key that expired can wait for the next write: whoever loads the store sees its deadline too. */
  private urgent = false

  observe(keyspace: Keyspace): void {
    this.lines = []
    this.urgent = false
    keyspace.observer = {
      onWrite: (_, name, args) => {
        this.urgent = true
        this.lines.push([name, ...args])
      },
      onExpire: (_, key) => {
        this.lines.push(["DEL", key])
        this.expired.push(key)
      }
    }
  }

  /** What must be stored before a reply is given. */
  takeLines(): ReadonlyArray<Line> {
    if (!this.urgent) return []
    const { lines } = this
    this.lines = []
    this.urgent = false
    return lines
  }

  takeExpired(): ReadonlyArray<string> {
    const { expired } = this
    this.expired = []
    return expired
  }
}
