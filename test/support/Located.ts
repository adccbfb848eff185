import { locatorKey } from "../../src/internal/keys.js"
import { checkpointKey, type KeyLayout } from "../../src/services/KeyLayout.js"
import { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"

/**
 * Learns where a cluster has the checkpoints whose ids do not tell, by looking at what is sent, so that a
 * test can name their keys.
 */
export const located = (redis: typeof Redis.Service) => {
  const owners = new Map<string, string>()
  const learn = (program: RedisProgram.RedisProgram<unknown, unknown>): void => {
    for (const command of RedisProgram.compile(program).commands) {
      if (command._tag !== "Script" || command.script.name !== "locate") continue
      const [locator = ""] = command.keys
      if (!owners.has(locator)) owners.set(locator, String(command.args[0]))
    }
  }
  return {
    redis: Redis.of({
      ...redis,
      pipeline: (program, options) => {
        learn(program)
        return redis.pipeline(program, options)
      }
    }),
    checkpointKey: (layout: KeyLayout, id: string): string =>
      checkpointKey(layout, id, owners.get(locatorKey(layout, id)))
  }
}
