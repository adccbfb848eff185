import { Data } from "effect"

/** An error reply, or a connection that failed. */
export class RawRedisError extends Data.TaggedError("RawRedisError")<{ readonly message: string }> {}

/** One reply. Errors are values, since they can stand inside an array. */
export type Reply = string | number | null | RawRedisError | ReadonlyArray<Reply>

interface Frame {
  readonly size: number
  readonly items: Array<Reply>
}

/** Takes bytes as they come and gives the RESP2 replies that are complete. */
export class RespReader {
  private bytes = Buffer.alloc(0)
  private position = 0
  private readonly open: Array<Frame> = []

  push(chunk: Buffer): ReadonlyArray<Reply> {
    this.bytes = Buffer.concat([this.bytes.subarray(this.position), chunk])
    this.position = 0
    const complete: Array<Reply> = []
    for (let value = this.value(); value !== undefined; value = this.value()) {
      const reply = this.close(value)
      if (reply !== undefined) complete.push(reply)
    }
    return complete
  }

  /** The next scalar, or an array that has just begun; undefined when bytes are missing. */
  private value(): Reply | Frame | undefined {
    const end = this.bytes.indexOf("\r\n", this.position)
    if (end < 0) return undefined
    const line = this.bytes.toString("utf8", this.position + 1, end)
    const type = String.fromCharCode(this.bytes[this.position] ?? 0)
    if (type === "$" && line !== "-1") return this.bulk(end + 2, Number(line))
    this.position = end + 2
    if (type === "+") return line
    if (type === "-") return new RawRedisError({ message: line })
    if (type === ":") return Number(line)
    return line === "-1" ? null : { size: Number(line), items: [] }
  }

  private bulk(start: number, length: number): string | undefined {
    const end = start + length
    if (this.bytes.length < end + 2) return undefined
    this.position = end + 2
    return this.bytes.toString("utf8", start, end)
  }

  /** Puts a value into the innermost open array and closes every array this completes. */
  private close(value: Reply | Frame): Reply | undefined {
    if (isFrame(value)) {
      this.open.push(value)
    } else {
      const parent = this.open.at(-1)
      if (parent === undefined) return value
      parent.items.push(value)
    }
    const last = this.open.at(-1)
    if (last === undefined || last.items.length < last.size) return undefined
    this.open.pop()
    return this.close(last.items)
  }
}

const isFrame = (value: Reply | Frame): value is Frame =>
  typeof value === "object" && value !== null && "items" in value
