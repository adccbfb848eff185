/** The `Redis` service with something around each round trip, or with other commands than it was given. */
import { type Context, Effect, Layer } from "effect"
import { Redis, RedisProgram, RedisReply } from "effect-checkpoint"
import type { Command } from "../../../src/services/RedisCommand.js"

export type Service = Context.Tag.Service<Redis.Redis>

/** What is sent: names of commands, declared names of scripts. */
export const namesIn = (program: RedisProgram.RedisProgram<unknown, unknown>): ReadonlyArray<string> =>
  RedisProgram.compile(program).commands.map((command) =>
    command._tag === "Script" ? command.script.name : command.name
  )

/** A wrapper of round trips, by the names of what is sent. */
export type Around = (
  names: ReadonlyArray<string>
) => <A, E>(trip: Effect.Effect<A, E>, program: RedisProgram.RedisProgram<A, unknown>) => Effect.Effect<A, E>

export const around = (redis: Service, wrap: Around): Service => ({
  ...redis,
  pipeline: (program) => wrap(namesIn(program))(redis.pipeline(program), program)
})

/** One command, whose reply is given as it is. */
export const alone = (command: Command): RedisProgram.RedisProgram<RedisReply.Reply, unknown> =>
  command._tag === "Script"
    ? RedisProgram.script(command.script, command.keys, command.args, RedisReply.raw, {
      repeatable: command.repeatable
    })
    : RedisProgram.command(command.name, command.args, RedisReply.raw, command)

/** Sends other commands and reads their replies as those of the ones that were given. */
export const rewriting = (redis: Service, rewrite: (command: Command) => Command): Service => ({
  ...redis,
  pipeline: <A, E>(program: RedisProgram.RedisProgram<A, E>) => {
    const { commands, read } = RedisProgram.compile(program)
    const others = RedisProgram.forEach(commands.map(rewrite), alone)
    return redis.pipeline(RedisProgram.mapEither(others, read)) as ReturnType<Service["pipeline"]> as never
  }
})

/** A layer whose service is made from that of another. */
export const from = <E, R>(layer: Layer.Layer<Redis.Redis, E, R>, make: (redis: Service) => Service) =>
  Layer.effect(Redis.Redis, Effect.map(Redis.Redis, make)).pipe(Layer.provide(layer))
