/**
 * A store whose `set` truncates and then writes, as files do, and which dies at
 * a chosen operation: from there on every operation fails and changes nothing.
 */
import { SystemError } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { Effect, Layer, Option } from "effect"
import * as EmbeddedLive from "../../../src/layers/EmbeddedLive.js"
import type { Redis } from "../../../src/services/Redis.js"

/** Where the store dies: in the operation of this number, of which this much is done (0 to 1). */
export interface Crash {
  readonly operation: number
  readonly done: number
}

export class Disk {
  operations = 0
  constructor(readonly files: Map<string, string> = new Map(), private crash?: Crash | undefined) {}

  /** What the next process finds. */
  reboot(crash?: Crash): Disk {
    return new Disk(new Map(this.files), crash)
  }

  get isDead(): boolean {
    return this.crash !== undefined && this.operations >= this.crash.operation
  }

  private operate<A>(method: string, key: string, all: () => A, part: (done: number) => void = () => {}) {
    return Effect.suspend(() => {
      this.operations++
      if (!this.isDead) return Effect.sync(all)
      if (this.operations === this.crash?.operation) part(this.crash.done)
      return new SystemError({ module: "KeyValueStore", method, reason: "Unknown", pathOrDescriptor: key })
    })
  }

  readonly store: KeyValueStore.KeyValueStore = KeyValueStore.makeStringOnly({
    get: (key) => this.operate("get", key, () => Option.fromNullable(this.files.get(key))),
    has: (key) => this.operate("has", key, () => this.files.has(key)),
    set: (key, text) =>
      this.operate("set", key, () => void this.files.set(key, text), (done) => {
        this.files.set(key, text.slice(0, Math.floor(done * text.length)))
      }),
    remove: (key) =>
      this.operate("remove", key, () => void this.files.delete(key), (done) => {
        if (done === 1) this.files.delete(key)
      }),
    clear: this.operate("clear", "", () => this.files.clear()),
    size: this.operate("size", "", () => this.files.size)
  })
}

/** One process: opens the store, runs, ends. */
export const session =
  (store: KeyValueStore.KeyValueStore, options?: EmbeddedLive.Options) => <A, E>(effect: Effect.Effect<A, E, Redis>) =>
    Effect.provide(
      effect,
      EmbeddedLive.redis(options).pipe(Layer.provide(Layer.succeed(KeyValueStore.KeyValueStore, store)))
    )
