import * as Effect from "effect/Effect"
import type * as nodeZlib from "node:zlib"
import type { Stage } from "./stage.js"
import { loadedOnce, type Making } from "./stage.js"

export type Algorithm = "deflate" | "gzip" | "brotli"

export interface Options {
  readonly algorithm: Algorithm
  readonly level: number | undefined
  readonly threshold: number
  readonly maxBytes: number
}

const zlib = loadedOnce(() => import("node:zlib"), "needs node:zlib, which this platform does not have")

/** What HTTP calls them. */
const names = { deflate: "deflate", gzip: "gzip", brotli: "br" } as const

const highest = { deflate: 9, gzip: 9, brotli: 11 } as const

/** From here on the work goes to another thread: below, the way there costs more than it saves. */
const asyncFrom = 100 * 1024

/** What a short input may become on this thread. */
const syncOutput = 1024 * 1024

/** Base64 costs a third: what is not a quarter smaller is not smaller once it is stored. */
const isWorthIt = (before: Uint8Array, after: Uint8Array): boolean => after.length < before.length * 0.75

interface Zlib {
  readonly now: (bytes: Uint8Array, maxOutputLength?: number) => Uint8Array
  readonly later: (bytes: Uint8Array, maxOutputLength?: number) => Promise<Uint8Array>
}

type Done = (error: Error | null, result: Buffer) => void

const promised = (start: (done: Done) => void): Promise<Uint8Array> =>
  new Promise((resolve, reject) => start((error, result) => error === null ? resolve(result) : reject(error)))

const encoder = (zlib: typeof nodeZlib, { algorithm, level }: Options): Zlib => {
  if (algorithm === "brotli") {
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
    const options = (bytes: Uint8Array) => ({
      params: { [BROTLI_PARAM_QUALITY]: level ?? 4, [BROTLI_PARAM_SIZE_HINT]: bytes.length }
    })
    return {
      now: (bytes) => zlib.brotliCompressSync(bytes, options(bytes)),
      later: (bytes) => promised((done) => zlib.brotliCompress(bytes, options(bytes), done))
    }
  }
  const options = level === undefined ? {} : { level }
  const [now, later] = algorithm === "gzip" ? [zlib.gzipSync, zlib.gzip] : [zlib.deflateSync, zlib.deflate]
  return {
    now: (bytes) => now(bytes, options),
    later: (bytes) => promised((done) => later(bytes, options, done))
  }
}

const decoder = (zlib: typeof nodeZlib, { algorithm }: Options): Zlib => {
  if (algorithm === "brotli") {
    return {
      now: (bytes, maxOutputLength) => zlib.brotliDecompressSync(bytes, { maxOutputLength }),
      later: (bytes, maxOutputLength) => promised((done) => zlib.brotliDecompress(bytes, { maxOutputLength }, done))
    }
  }
  const [now, later] = algorithm === "gzip" ? [zlib.gunzipSync, zlib.gunzip] : [zlib.inflateSync, zlib.inflate]
  return {
    now: (bytes, maxOutputLength) => now(bytes, { maxOutputLength }),
    later: (bytes, maxOutputLength) => promised((done) => later(bytes, { maxOutputLength }, done))
  }
}

const failed = (): string => "cannot be compressed"

const compress = (zlib: Zlib, bytes: Uint8Array): Effect.Effect<Uint8Array, string> => {
  return bytes.length < asyncFrom
    ? Effect.try({ try: () => zlib.now(bytes), catch: failed })
    : Effect.tryPromise({ try: () => zlib.later(bytes), catch: failed })
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"

const decompress = (zlib: Zlib, bytes: Uint8Array, options: Options): Effect.Effect<Uint8Array, string> => {
  const { algorithm, maxBytes } = options
  const issue = (error: unknown) =>
    isTooLarge(error)
      ? `decompresses to more than ${maxBytes} bytes; if that is right, raise maxBytes of StateCodec.compressed`
      : `is no whole ${names[algorithm]} data`
  const later = Effect.tryPromise({ try: () => zlib.later(bytes, maxBytes), catch: issue })
  if (bytes.length >= asyncFrom) return later
  return Effect.suspend(() => {
    try {
      return Effect.succeed(zlib.now(bytes, Math.min(syncOutput, maxBytes)))
    } catch (error) {
      return isTooLarge(error) && maxBytes > syncOutput ? later : Effect.fail(issue(error))
    }
  })
}

const stageOf = (options: Options): Stage => ({
  name: names[options.algorithm],
  encrypts: false,
  encode: (bytes) => {
    if (bytes.length < options.threshold) return Effect.succeed(undefined)
    if (bytes.length > options.maxBytes) {
      return Effect.fail(`has more than ${options.maxBytes} bytes, which maxBytes of StateCodec.compressed allows`)
    }
    return Effect.flatMap(
      zlib,
      (zlib) =>
        Effect.map(
          compress(encoder(zlib, options), bytes),
          (compressed) => isWorthIt(bytes, compressed) ? compressed : undefined
        )
    )
  },
  decode: (bytes) => Effect.flatMap(zlib, (zlib) => decompress(decoder(zlib, options), bytes, options))
})

const algorithms: ReadonlyArray<Algorithm> = ["deflate", "gzip", "brotli"]

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0

const issueOf = ({ algorithm, level, maxBytes, threshold }: Options): string | undefined => {
  if (!algorithms.includes(algorithm)) return "algorithm must be deflate, gzip or brotli"
  const top = highest[algorithm]
  if (level !== undefined && !(isSize(level) && level <= top)) return `level must be an integer from 0 to ${top}`
  if (!isSize(threshold)) return "threshold must be a whole number of bytes"
  return isSize(maxBytes) && maxBytes > 0 ? undefined : "maxBytes must be a positive integer"
}

/** Reads the other algorithms within the same bound. */
export const compression = (options: Options): Making<Stage> => {
  const issue = issueOf(options)
  const relatives = () => algorithms.map((algorithm) => stageOf({ ...options, algorithm, level: undefined }))
  return issue === undefined
    ? Effect.sync(() => ({ ...stageOf(options), relatives: relatives() }))
    : Effect.fail(`compressed: ${issue}`)
}

export const defaultMaxBytes = 64 * 1024 * 1024

export const compressionReaders: ReadonlyArray<Stage> = algorithms.map((algorithm) =>
  stageOf({ algorithm, level: undefined, threshold: 0, maxBytes: defaultMaxBytes })
)
