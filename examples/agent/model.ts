/** A language model's place: it sees the whole conversation, and says something or calls tools. This one is fake. */
import { Effect } from "effect"
import { World } from "../support/World.js"
import type { Chat } from "./graph.js"

const mailText = "Picnic on Friday at noon, the sun will shine."

const reply = (messages: Chat["messages"]): Pick<Chat, "calls"> & { readonly text: string } => {
  const heard = (from: string) => messages.some((message) => message.from === from)
  if (!heard("weather")) {
    const calls = [{ tool: "weather", input: "Friday" }, { tool: "calendar", input: "Friday" }] as const
    return { text: "I look at the weather and at the calendar.", calls }
  }
  if (!heard("mail")) return { text: "It fits. I tell everybody.", calls: [{ tool: "mail", input: mailText }] }
  return { text: "The picnic is on, and everybody knows.", calls: [] }
}

/** A call costs money, so the world counts it. */
export const think = (messages: Chat["messages"]) =>
  Effect.gen(function*() {
    const world = yield* World
    yield* world.write(`model ${messages.length} messages`)
    return reply(messages)
  })
