/** What the agent can do in the world. */
import { Effect } from "effect"
import { World } from "../support/World.js"

const use = (line: string) => Effect.flatMap(World, (world) => world.write(line))

export const weather = (day: string) => Effect.as(use(`weather ${day}`), `${day}: sunny, 24 degrees`)

/** Slow. */
export const calendar = (day: string) =>
  use(`calendar ${day}`).pipe(Effect.zipRight(Effect.sleep("3 seconds")), Effect.as(`${day}: nothing before 2 pm`))

/** A mail server that knows the key of what it has sent would not send it twice. */
export const sendMail = (key: string, text: string) => Effect.as(use(`mail ${key}: ${text}`), "sent to 9 people")
