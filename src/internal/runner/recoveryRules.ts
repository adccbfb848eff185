import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** How to recover, as it is asked for. */
export interface Options {
  readonly interval?: Duration.DurationInput | undefined
  readonly concurrency?: number | undefined
  readonly maxClaims?: number | undefined
}

/** The same with its defaults, checked. */
export interface RecoveryRules {
  readonly interval: Duration.Duration
  readonly concurrency: number
  readonly maxClaims: number
}

const invalid = (option: string, issue: string) => Either.left(ConfigError.InvalidData([option], `${option} ${issue}`))

export const recoveryRules = (
  { concurrency = 10, interval = "1 second", maxClaims = 10 }: Options
): Either.Either<RecoveryRules, ConfigError.ConfigError> => {
  const pause = Option.getOrElse(Duration.decodeUnknown(interval), () => Duration.zero)
  if (!Duration.isFinite(pause) || Duration.toMillis(pause) <= 0) {
    return invalid("interval", "must be a finite duration above 0")
  }
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) return invalid("concurrency", "must be a positive integer")
  return Number.isInteger(maxClaims) && maxClaims >= 1 || maxClaims === Infinity
    ? Either.right({ interval: pause, concurrency, maxClaims })
    : invalid("maxClaims", "must be a positive integer, or Infinity to take up what kills its processes for ever")
}
