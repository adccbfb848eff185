import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Policy } from "../../services/GraphRunner.js"
import type { Acknowledgement } from "../programs/acknowledged.js"
import type { Core } from "../store/core.js"
import { acknowledgement, keepCount, ttlMillis } from "../store/options.js"

/** A policy with its defaults, checked, durations in whole milliseconds. */
export interface Rules {
  readonly autoSave: boolean
  readonly saveInterval: number
  readonly maxCheckpoints: number
  readonly lease: number
  readonly maxSteps: number
  readonly inlineSleep: number
  readonly durability: Acknowledgement | undefined
}

const defaults = {
  autoSave: true,
  maxCheckpoints: 10,
  leaseTtl: "30 seconds",
  maxSteps: 1_000,
  inlineSleep: "10 seconds"
} satisfies Policy

const invalid = (option: string, issue: string) => Either.left(ConfigError.InvalidData([option], `${option} ${issue}`))

/** What is undefined says nothing. */
export const defined = <Options extends object>(options: Options): Options =>
  // The rest is as it was.
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options

const millisOf = (input: Duration.DurationInput | undefined): number | undefined =>
  input === undefined || !Duration.isFinite(Duration.decode(input))
    ? undefined
    : Either.getOrUndefined(ttlMillis(input))

export const rulesOf = (core: Core, policy: Policy): Either.Either<Rules, ConfigError.ConfigError> => {
  const given = { ...defaults, ...defined(policy) }
  const lease = millisOf(given.leaseTtl ?? defaults.leaseTtl)
  if (lease === undefined || lease < 30) return invalid("leaseTtl", "must be a finite duration of 30 ms or more")
  const keep = keepCount(given.maxCheckpoints)
  if (Either.isLeft(keep)) return invalid("maxCheckpoints", "must be a positive integer, or Infinity to keep all")
  const maxSteps = given.maxSteps ?? defaults.maxSteps
  if (!(maxSteps >= 1)) return invalid("maxSteps", "must be a positive number")
  const inlineSleep = millisOf(given.inlineSleep ?? defaults.inlineSleep)
  if (inlineSleep === undefined) return invalid("inlineSleep", "must be a finite duration of 0 or more")
  const saveInterval = given.saveInterval === undefined ? Infinity : millisOf(given.saveInterval)
  if (saveInterval === undefined) return invalid("saveInterval", "must be a finite duration of 0 or more")
  const durability = given.durability === undefined ? Either.right(core.durability) : acknowledgement(given.durability)
  if (Either.isLeft(durability)) return invalid("durability", durability.left)
  return Either.right({
    durability: durability.right,
    autoSave: given.autoSave ?? defaults.autoSave,
    saveInterval,
    maxCheckpoints: keep.right,
    lease,
    maxSteps,
    inlineSleep
  })
}
