import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { webcrypto } from "node:crypto"
import type { Key } from "../../schema/StateCodec.js"
import { isName } from "./coded.js"
import { fromBase64, type Header, type Making, type Stage, utf8 } from "./stage.js"

const algorithm = "AES-GCM"
const ivBytes = 12
const tagBytes = 16
const keyBytes = 32

export interface Options {
  readonly keys: Readonly<Record<string, Key>>
  readonly current: string
}

type Keys = ReadonlyMap<string, webcrypto.CryptoKey>

/** All that the tag vouches for beside the data: nothing of it can be changed unnoticed. */
const associated = ({ codec, key, place }: Header): Uint8Array => utf8(JSON.stringify([codec, key, ...place]))

const parameters = (iv: Uint8Array, header: Header) => ({
  name: algorithm,
  iv,
  additionalData: associated(header),
  tagLength: tagBytes * 8
})

const encrypt = (key: webcrypto.CryptoKey, bytes: Uint8Array, header: Header): Effect.Effect<Uint8Array, string> =>
  Effect.tryPromise({
    try: async () => {
      const iv = globalThis.crypto.getRandomValues(new Uint8Array(ivBytes))
      const sealed = await globalThis.crypto.subtle.encrypt(parameters(iv, header), key, bytes)
      return Buffer.concat([iv, new Uint8Array(sealed)])
    },
    catch: () => "cannot be encrypted"
  })

const decrypt = (key: webcrypto.CryptoKey, bytes: Uint8Array, header: Header): Effect.Effect<Uint8Array, string> =>
  Effect.tryPromise({
    try: async () => {
      const iv = bytes.subarray(0, ivBytes)
      const sealed = bytes.subarray(ivBytes)
      return new Uint8Array(await globalThis.crypto.subtle.decrypt(parameters(iv, header), key, sealed))
    },
    catch: () =>
      `does not decrypt with key ${JSON.stringify(header.key)}: it was encrypted with another key of that id, was ` +
      `changed, or was moved here from another key, execution or version`
  })

const stageOf = (keys: Keys, current: string): Stage => ({
  name: "aes-256-gcm",
  encrypts: true,
  key: current,
  knows: (key) => key !== undefined && keys.has(key),
  encode: (bytes, header) => {
    const key = keys.get(current)
    return key === undefined ? Effect.fail("cannot be encrypted without a key") : encrypt(key, bytes, header)
  },
  decode: (bytes, header) => {
    const key = header.key === undefined ? undefined : keys.get(header.key)
    if (header.key === undefined || bytes.length < ivBytes + tagBytes) return Effect.fail("is no encrypted value")
    return key === undefined
      ? Effect.fail(
        `is encrypted with key ${JSON.stringify(header.key)}, which the layer does not have: add it to the keys of ` +
          `StateCodec.encrypted`
      )
      : decrypt(key, bytes, header)
  }
})

const isCryptoKey = (key: unknown): key is webcrypto.CryptoKey =>
  typeof key === "object" && key !== null && "algorithm" in key && "usages" in key

const usableIssue = (key: webcrypto.CryptoKey): string | undefined => {
  if (key.algorithm.name !== algorithm || !("length" in key.algorithm) || key.algorithm.length !== keyBytes * 8) {
    return "is no AES-GCM key of 256 bits"
  }
  return key.usages.includes("encrypt") && key.usages.includes("decrypt")
    ? undefined
    : "is not allowed to encrypt and decrypt"
}

const rawOf = (key: Key): Uint8Array | undefined => {
  const secret: unknown = Redacted.isRedacted(key) ? Redacted.value<unknown>(key) : undefined
  if (typeof secret === "string") return fromBase64(secret)
  return secret instanceof Uint8Array ? secret : undefined
}

const imported = (key: Key): Effect.Effect<webcrypto.CryptoKey, string> => {
  if (isCryptoKey(key)) {
    const issue = usableIssue(key)
    return issue === undefined ? Effect.succeed(key) : Effect.fail(issue)
  }
  const raw = rawOf(key)
  if (raw?.length !== keyBytes) {
    return Effect.fail(`is not ${keyBytes} bytes, Redacted, as a Uint8Array or in base64`)
  }
  return Effect.tryPromise({
    try: () => globalThis.crypto.subtle.importKey("raw", raw, algorithm, false, ["encrypt", "decrypt"]),
    catch: () => "cannot be used"
  })
}

export const encryption = ({ current, keys }: Options): Making<Stage> => {
  const entries = Object.entries(keys)
  if (entries.some(([id]) => !isName(id))) {
    return Effect.fail("encrypted: ids of keys are a letter and up to 63 more letters, digits, dots, - or _")
  }
  if (!Object.hasOwn(keys, current)) return Effect.fail("encrypted: current must be the id of one of the keys")
  return Effect.map(
    Effect.forEach(entries, ([id, key]) =>
      Effect.mapBoth(imported(key), {
        onFailure: (issue) => `encrypted: key ${JSON.stringify(id)} ${issue}`,
        onSuccess: (key) => [id, key] as const
      })),
    (keys) => stageOf(new Map(keys), current)
  )
}

/** Says which key is missing. */
export const encryptionReader: Stage = stageOf(new Map(), "")
