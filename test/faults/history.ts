/** What clients asked for and what they were told, on one clock. */

/** A call; `tag` is the content of a checkpoint, and no two writes have the same but copies of it. */
export type Call =
  | { readonly verb: "save"; readonly id: string; readonly version: number; readonly tag: string }
  | { readonly verb: "saveAll"; readonly entries: ReadonlyArray<Entry> }
  | {
    readonly verb: "compareAndSet"
    readonly id: string
    readonly version: number
    readonly tag: string
    readonly expected: number
  }
  | { readonly verb: "append"; readonly tag: string; readonly after: number | undefined }
  | { readonly verb: "load" | "exists"; readonly id: string }
  | { readonly verb: "loadAll"; readonly ids: ReadonlyArray<string> }
  | { readonly verb: "latest" | "count" | "clear" }
  | { readonly verb: "list" | "stream" }
  | { readonly verb: "delete"; readonly id: string }
  /** To an execution that has to be empty. */
  | { readonly verb: "copy"; readonly to: string }

export type Verb = Call["verb"]

export const verbs: ReadonlyArray<Verb> = [
  "save",
  "saveAll",
  "compareAndSet",
  "append",
  "load",
  "loadAll",
  "exists",
  "latest",
  "list",
  "stream",
  "count",
  "delete",
  "clear",
  "copy"
]

/** Of a stream, so that a few checkpoints are several. */
export const pageSize = 2

/** Ids that a call names. */
export const idsOf = (call: Call): ReadonlyArray<string> => {
  if ("id" in call) return [call.id]
  if (call.verb === "saveAll") return call.entries.map(({ id }) => id)
  return call.verb === "loadAll" ? call.ids : []
}

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
  /**
   * `seen`: what a read found, or what an append made; `pages`: the same as a stream gave it; `number`: a
   * count, how many were removed or copied, or 1 for yes.
   */
  | {
    readonly _tag: "Ok"
    readonly seen: ReadonlyArray<Seen>
    readonly number: number
    readonly pages?: ReadonlyArray<ReadonlyArray<Seen>>
  }
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
  /** What a copy asked the server to write, in order. */
  readonly copied: ReadonlyArray<Entry>
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
