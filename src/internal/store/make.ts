import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { json } from "../../schema/StateCodec.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Options, Service, Store } from "../../services/CheckpointStore.js"
import * as KeyLayout from "../../services/KeyLayout.js"
import type * as Redis from "../../services/Redis.js"
import { statesFor } from "../codec/states.js"
import { checkpointIdOf } from "../keys.js"
import { verb } from "../observe.js"
import { append } from "./append.js"
import type { Codec } from "./codec.js"
import { encoded, forSchema } from "./codec.js"
import { copy } from "./copy.js"
import type { Core } from "./core.js"
import { decoding } from "./decoding.js"
import { isWellFormed } from "./encode.js"
import { executions } from "./executions.js"
import { acknowledgement, keepCount, ttlMillis } from "./options.js"
import { latest, list, load, loadAll, stream } from "./reading.js"
import { clear, count, exists, remove } from "./removing.js"
import { save, saveAll, saveProgram } from "./writing.js"

const redisLimit = 512 * 1024 * 1024
const maxPrefixBytes = 1024

const invalid = (option: string, issue: string) => Either.left(ConfigError.InvalidData([option], issue))

const prefixIssue = (prefix: string): string | undefined => {
  if (!isWellFormed(prefix)) return "prefix has a lone surrogate, which UTF-8 cannot hold"
  return Buffer.byteLength(prefix) > maxPrefixBytes ? "prefix has more than 1 KiB" : undefined
}

/** What a cluster cannot have: the tag is what stands between the first braces of a key. */
const clusterIssue = ({ index, prefix = "" }: Options): readonly [option: string, issue: string] | undefined => {
  if (index === "set") return ["index", "a cluster needs the sorted-set index: remove index: \"set\""]
  return /[{}]/.test(prefix)
    ? ["prefix", "prefix must not have braces on a cluster: they would say in which slot all keys are"]
    : undefined
}

/** Checks the layer's options once, so that no verb has to. */
const coreOf = (
  redis: Redis.Service,
  options: Options
): Either.Either<Omit<Core, "states">, ConfigError.ConfigError> => {
  const ttl = ttlMillis(options.ttl)
  if (Either.isLeft(ttl)) return invalid("ttl", ttl.left)
  const keep = keepCount(options.maxCheckpoints)
  if (Either.isLeft(keep)) return invalid("maxCheckpoints", keep.left)
  if (keep.right > 0 && options.index === "set") {
    return invalid("maxCheckpoints", "maxCheckpoints needs the sorted-set index: remove index: \"set\"")
  }
  const prefix = prefixIssue(options.prefix ?? "")
  if (prefix !== undefined) return invalid("prefix", prefix)
  const place = options.cluster === true ? clusterIssue(options) : undefined
  if (place !== undefined) return invalid(place[0], place[1])
  const renews = options.refreshOnRead === true
  if (renews && ttl.right === 0) return invalid("refreshOnRead", "refreshOnRead renews to the layer's ttl: set ttl")
  const durability = acknowledgement(options.durability)
  if (Either.isLeft(durability)) return invalid("durability", durability.left)
  const maxBytes = options.maxBytes ?? redisLimit
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1 || maxBytes > redisLimit) {
    return invalid("maxBytes", `maxBytes must be an integer from 1 to ${redisLimit}`)
  }
  const layout = KeyLayout.make(options)
  return Either.right({
    redis,
    layout,
    ttl: ttl.right,
    renew: renews ? ttl.right : 0,
    maxCheckpoints: keep.right,
    durability: durability.right,
    known: new Set(),
    maxBytes
  })
}

const observePing = verb("ping")

const ping = (core: Core): Store<unknown>["ping"] =>
  observePing(core, ({ redis }) => {
    const started = performance.now()
    return Effect.map(redis.pipeline(CheckpointProgram.ping), () => Duration.millis(performance.now() - started))
  })

const expirations = (core: Core): Store<unknown>["expirations"] =>
  Stream.filterMap(core.redis.expirations, (key) => Option.fromNullable(checkpointIdOf(core.layout, key)))

const makeStore = <State, R>(core: Core, codec: Codec<State, R>): Store<State, R> => {
  const decode = decoding(core, codec)
  return {
    save: save(core, codec),
    saveProgram: saveProgram(core, codec),
    append: append(core, codec),
    saveAll: saveAll(core, codec),
    load: load(core, decode),
    loadAll: loadAll(core, decode),
    latest: latest(core, decode),
    list: list(core, decode),
    stream: stream(core, decode),
    count: count(core),
    exists: exists(core),
    executions: executions(core),
    delete: remove(core),
    clear: clear(core),
    copy: copy(core),
    ping: ping(core),
    expirations: expirations(core)
  }
}

export const makeService = (
  redis: Redis.Service,
  options: Options
): Effect.Effect<Service, ConfigError.ConfigError> =>
  Either.match(coreOf(redis, options), {
    onLeft: (error) => Effect.fail(error),
    onRight: (checked) =>
      Effect.map(statesFor(options.codec ?? json), (states): Service => {
        const core = { ...checked, states }
        return {
          ...makeStore(core, encoded),
          layout: core.layout,
          core,
          forSchema: (schema) => makeStore(core, forSchema(schema))
        }
      })
  })
