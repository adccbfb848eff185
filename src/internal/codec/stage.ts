import * as Effect from "effect/Effect"

/** Where a value lies. An encrypted one is bound to it. */
export type Place = ReadonlyArray<string | number>

/** What stands beside coded bytes. */
export interface Header {
  readonly place: Place
  /** The names of all that was applied, the last one included. */
  readonly codec: string
  readonly key: string | undefined
}

/** Between JSON and what comes next: JSON again, or bytes. */
export interface Base {
  readonly name: string
  readonly binary: boolean
  /** `undefined`: this value it cannot hold without loss. */
  readonly encode: (state: unknown) => Effect.Effect<unknown, string>
  readonly decode: (data: unknown) => Effect.Effect<unknown, string>
}

/** Between bytes and bytes. Issues never quote what they are about. */
export interface Stage {
  readonly name: string
  readonly encrypts: boolean
  /** What is stored of the key that it encrypts with. */
  readonly key?: string | undefined
  /** Whether it has a key. */
  readonly knows?: ((key: string | undefined) => boolean) | undefined
  /** Reads what relatives of it wrote. */
  readonly relatives?: ReadonlyArray<Stage> | undefined
  /** `undefined`: not worth it for these bytes. */
  readonly encode: (bytes: Uint8Array, header: Header) => Effect.Effect<Uint8Array | undefined, string>
  readonly decode: (bytes: Uint8Array, header: Header) => Effect.Effect<Uint8Array, string>
}

/** A base or a stage whose options are still to be checked. */
export type Making<A> = Effect.Effect<A, string>

/** A module that is loaded when it is first needed, once. */
export const loadedOnce = <A>(load: () => Promise<A>, missing: string): Effect.Effect<A, string> => {
  let loaded: A | undefined
  return Effect.suspend(() =>
    loaded !== undefined
      ? Effect.succeed(loaded)
      : Effect.map(Effect.tryPromise({ try: load, catch: () => missing }), (module) => {
        loaded = module
        return module
      })
  )
}

export const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8")

export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")

/** Node leaves out what is no base64: then fewer bytes come than the length promises. */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, "base64")
  return text.length % 4 === 0 && bytes.length === Buffer.byteLength(text, "base64") ? bytes : undefined
}
