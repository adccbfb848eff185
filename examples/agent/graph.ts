/** An agent: a model that calls tools until it has an answer. Each tool is a node, so tools run at once. */
import { Effect, Schema } from "effect"
import { Execution, Graph } from "effect-checkpoint"
import { think } from "./model.js"
import { calendar, sendMail, weather } from "./tools.js"

const Call = Schema.Struct({ tool: Schema.Literal("weather", "calendar", "mail"), input: Schema.String })

const Message = Schema.Struct({ from: Schema.String, text: Schema.String })

const Chat = Schema.Struct({ messages: Schema.Array(Message), calls: Schema.Array(Call) })

export type Chat = typeof Chat.Type

export const chat: Chat = { messages: [{ from: "user", text: "Can we have the team picnic on Friday?" }], calls: [] }

const inputOf = ({ calls }: Chat, tool: Chat["calls"][number]["tool"]) =>
  calls.find((call) => call.tool === tool)?.input ?? ""

const said = (from: string, text: string) => ({ messages: [{ from, text }] })

/** Dangerous, so somebody is asked first; no process waits meanwhile. Nothing in here can approve by itself. */
const mail = (chat: Chat) =>
  Effect.gen(function*() {
    const text = inputOf(chat, "mail")
    const approved = yield* Execution.ask("send", { question: { to: "everybody", text }, answer: Schema.Boolean })
    if (!approved) return said("mail", "the user did not want this")
    const key = yield* Execution.idempotencyKey("send")
    return said("mail", yield* Execution.step("send it", sendMail(key, text), Schema.String))
  })

export const agent = Graph.make("agent", {
  state: Chat,
  reducers: { messages: (all, more) => [...all, ...more] }
})
  .node(
    "model",
    ({ messages }) => Effect.map(think(messages), ({ calls, text }) => ({ ...said("model", text), calls }))
  )
  .node("weather", (chat) => Effect.map(weather(inputOf(chat, "weather")), (text) => said("weather", text)))
  .node("calendar", (chat) => Effect.map(calendar(inputOf(chat, "calendar")), (text) => said("calendar", text)))
  .node("mail", mail)
  .edge(Graph.START, "model")
  .branch(
    "model",
    ["weather", "calendar", "mail", Graph.END],
    ({ calls }) => calls.length === 0 ? Graph.END : calls.map(({ tool }) => tool)
  )
  .edge("weather", "model")
  .edge("calendar", "model")
  .edge("mail", "model")
  .build()
