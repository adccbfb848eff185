/**
 * Byte strings: one character a byte. Their order and length are those of
 * Redis, which text in UTF-16 has not.
 */
const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const beyondAscii = /[^\0-\x7f]/
const chunk = 8192

export const fromBytes = (bytes: Uint8Array): string => {
  if (bytes.length <= chunk) return String.fromCharCode(...bytes)
  const parts: Array<string> = []
  for (let i = 0; i < bytes.length; i += chunk) parts.push(String.fromCharCode(...bytes.subarray(i, i + chunk)))
  return parts.join("")
}

export const toBytes = (byteString: string): Uint8Array => {
  const bytes = new Uint8Array(byteString.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = byteString.charCodeAt(i)
  return bytes
}

/** Lone surrogates become U+FFFD, as in every client that sends UTF-8. */
export const fromText = (text: string): string => beyondAscii.test(text) ? fromBytes(encoder.encode(text)) : text

export const toText = (byteString: string): string =>
  beyondAscii.test(byteString) ? decoder.decode(toBytes(byteString)) : byteString
