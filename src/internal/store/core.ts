import type { KeyLayout } from "../../services/KeyLayout.js"
import type * as Redis from "../../services/Redis.js"
import type { States } from "../codec/states.js"
import type { Acknowledgement } from "../programs/acknowledged.js"

/** What every verb works with: checked options, durations in whole milliseconds. */
export interface Core {
  readonly redis: Redis.Service
  readonly layout: KeyLayout
  readonly ttl: number
  readonly renew: number
  readonly maxCheckpoints: number
  readonly maxBytes: number
  /** On a cluster: executions that this process has named among all. */
  readonly known: Set<string>
  readonly durability: Acknowledgement | undefined
  /** What the layer's codec does to states. */
  readonly states: States
}
