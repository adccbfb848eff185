/** What clients asked for and what they were told, on one clock. */

/** A call; `tag` is the content of a checkpoint, and no two writes have the same. */
export type Call =
  | { readonly verb: "save"; readonly id: string; readonly version: number; readonly tag: string }
  | {
    readonly verb: "compareAndSet"
    readonly id: string
    readonly version: number
    readonly tag: string
    readonly expected: number
  }
  | { readonly verb: "append"; readonly tag: string; readonly after: number | undefined }
  | { readonly verb: "load"; readonly id: string }
  | { readonly verb: "latest" | "count" | "clear" }
  | { readonly verb: "list" }
  | { readonly verb: "delete"; readonly id: string }

export type Verb = Call["verb"]

export const verbs: ReadonlyArray<Verb> = [
  "save",
  "compareAndSet",
  "append",
  "load",
  "latest",
  "list",
  "count",
  "delete",
  "clear"
]

/** What stands for a checkpoint. */
export interface Entry {
  readonly id: string
  readonly version: number
  readonly tag: string
}

/** A checkpoint as a client sees it. */
export interface Seen extends Entry {
  readonly execution: string
}

export type Outcome =
  /** `seen`: what a read found, or what an append made; `number`: a count, or how many were removed. */
  | { readonly _tag: "Ok"; readonly seen: ReadonlyArray<Seen>; readonly number: number }
  | { readonly _tag: "Conflict"; readonly head: number; readonly isLoss: boolean }
  /** The server said no: nothing has changed. */
  | { readonly _tag: "Refused"; readonly code: string }
  /** Nothing was sent. */
  | { readonly _tag: "NotSent"; readonly reason: string }
  /** Sent, and never answered: it may take effect at any time from then on, or never. */
  | { readonly _tag: "Unknown"; readonly reason: string }

export interface Called {
  readonly _tag: "Called"
  readonly execution: string
  readonly call: Call
  readonly begun: number
  /** When the layer noticed that the reply of a sending was lost, after which it may have sent the call again. */
  readonly lost: ReadonlyArray<number>
  readonly ended: number
  readonly outcome: Outcome
}

/** What a server itself did to everything that it held. */
export interface Happened {
  readonly _tag: "Happened"
  /** Lost everything; reached the state that it later goes back to; went back to it. */
  readonly what: "wiped" | "marked" | "rewound"
  readonly begun: number
  readonly ended: number
}

export type Event = Called | Happened
