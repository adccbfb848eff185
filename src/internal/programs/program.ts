import { pipeArguments } from "effect/Pipeable"
import type { RedisProgram } from "../../services/RedisProgram.js"
import type { Node } from "../compile.js"

/**
 * Marks programs; see {@link isRedisProgram}.
 *
 * @since 0.1.0
 */
export const TypeId: "~effect-checkpoint/RedisProgram" = "~effect-checkpoint/RedisProgram"

const variance = { _A: (_: never): never => _, _E: (_: never): never => _ }

/** What every constructor of programs ends with. */
export const make = (node: Node): RedisProgram<never, never> => ({
  [TypeId]: variance,
  node,
  pipe() {
    return pipeArguments(this, arguments)
  }
})
