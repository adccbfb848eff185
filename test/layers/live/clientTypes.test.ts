import { assert, it } from "@effect/vitest"
import type { RedisLive } from "effect-checkpoint"
import { Redis as Redis6 } from "ioredis"
import { Redis as Redis5 } from "ioredis5"

it("the Redis classes of ioredis 5 and 6 are RedisClients, without a cast", () => {
  const clients: ReadonlyArray<RedisLive.RedisClient> = [
    new Redis5({ lazyConnect: true }),
    new Redis6({ lazyConnect: true }),
    new Redis6({ lazyConnect: true, replyMapping: "legacy" })
  ]
  for (const client of clients) {
    assert.deepStrictEqual([client.status, client.isCluster, client.stream], ["wait", false, undefined])
  }
})
