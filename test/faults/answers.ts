/** Histories written by hand, and those of a few lines that answer any call. */
import { FastCheck } from "effect"
import { type Call, type Called, type Entry, type Outcome, pageSize, type Seen } from "./history.js"
import { appended } from "./model.js"
import * as State from "./state.js"

export const ok = (seen: ReadonlyArray<Seen> = [], number = seen.length): Outcome => ({ _tag: "Ok", seen, number })

export const conflict = (head: number): Outcome => ({ _tag: "Conflict", head, isLoss: false })

export const unknown: Outcome = { _tag: "Unknown", reason: "Closed" }

export const notSent: Outcome = { _tag: "NotSent", reason: "Refused" }

export const refused: Outcome = { _tag: "Refused", code: "OOM" }

export const called = (
  begun: number,
  ended: number,
  call: Call,
  outcome: Outcome,
  lost: ReadonlyArray<number> = []
): Called => ({ _tag: "Called", execution: "e", call, begun, lost, ended, outcome, copied: [] })

const id = FastCheck.constantFrom("a", "b", "c")
const version = FastCheck.integer({ min: 1, max: 4 })
const tag = FastCheck.constant("")

const verb = <const Verb extends Call["verb"]>(...verbs: ReadonlyArray<Verb>) => FastCheck.constantFrom(...verbs)

export const arbitraryCall: FastCheck.Arbitrary<Call> = FastCheck.oneof(
  FastCheck.record({ verb: verb("save"), id, version, tag }),
  FastCheck.record({
    verb: verb("saveAll"),
    entries: FastCheck.uniqueArray(FastCheck.record({ id, version, tag }), { selector: (entry) => entry.id })
  }),
  FastCheck.record({ verb: verb("compareAndSet"), id, version, tag, expected: version }),
  FastCheck.record({ verb: verb("append"), tag, after: FastCheck.option(version, { nil: undefined }) }),
  FastCheck.record({ verb: verb("load", "exists"), id }),
  FastCheck.record({ verb: verb("delete"), id }),
  FastCheck.record({ verb: verb("loadAll"), ids: FastCheck.uniqueArray(id) }),
  FastCheck.record({ verb: verb("latest", "count", "clear") }),
  FastCheck.record({ verb: verb("list", "stream") }),
  FastCheck.constant<Call>({ verb: "copy", to: "f" })
)

const tagged = (call: Call, i: number): Call => {
  if (call.verb === "saveAll") {
    return { ...call, entries: call.entries.map((entry, n) => ({ ...entry, tag: `t${i}.${n}` })) }
  }
  return "tag" in call ? { ...call, tag: `t${i}` } : call
}

const putAll = (state: State.State, entries: ReadonlyArray<Entry>) => entries.reduce(State.put, state)

/** An execution of a few lines, to be compared with the model. */
const answer = (
  state: State.State,
  call: Exclude<Call, { readonly verb: "copy" }>
): readonly [Outcome, State.State] => {
  const all = State.inOrder(state.living).map((entry): Seen => ({ execution: "e", ...entry }))
  const head = all.at(-1)?.version ?? 0
  switch (call.verb) {
    case "save":
      return [ok(), State.put(state, call)]
    case "saveAll":
      return [ok(), putAll(state, call.entries)]
    case "compareAndSet":
      return head === call.expected ? [ok(), State.put(state, call)] : [conflict(head), state]
    case "append": {
      if (call.after !== undefined && call.after !== head) return [conflict(head), state]
      const made = appended("e", head + 1, call.tag)
      return [ok([made]), State.put(state, made)]
    }
    case "load":
      return [ok(all.filter(({ id }) => id === call.id)), state]
    case "loadAll":
      return [ok(all.filter(({ id }) => call.ids.includes(id))), state]
    case "exists":
      return [ok([], Number(state.living.has(call.id))), state]
    case "latest":
      return [ok(all.slice(-1)), state]
    case "count":
      return [ok([], all.length), state]
    case "list":
      return [ok(all), state]
    case "stream": {
      const pages = Array.from(
        { length: Math.floor(all.length / pageSize) + 1 },
        (_, i) => all.slice(i * pageSize, (i + 1) * pageSize)
      )
      return [{ _tag: "Ok", seen: all, number: all.length, pages }, state]
    }
    case "delete": {
      const left = State.drop(state, call.id)
      return [ok([], all.length - left.living.size), left]
    }
    case "clear":
      return [ok([], all.length), State.empty]
  }
}

/** Of what the source has; nobody writes to the target otherwise. */
const copy = (source: State.State, target: State.State, to: string) => {
  const ties = new Map<number, number>()
  const copied = State.inOrder(source.living).map(({ tag, version }) => {
    const tie = ties.get(version) ?? 0
    ties.set(version, tie + 1)
    return { ...appended(to, version, tag), id: `${appended(to, version, tag).id}${tie === 0 ? "" : `.${tie}`}` }
  })
  const isTaken = copied.length > 0 && target.living.size > 0
  return isTaken
    ? { copied: copied.slice(0, 1), outcome: conflict(State.headOf(target)), target }
    : { copied, outcome: ok([], copied.length), target: putAll(target, copied) }
}

/** What calls one after the other are told. */
export const answered = (calls: ReadonlyArray<Call>): ReadonlyArray<Called> => {
  let [source, target] = [State.empty, State.empty]
  return calls.map((drawn, i) => {
    const call = tagged(drawn, i)
    if (call.verb !== "copy") {
      const [outcome, after] = answer(source, call)
      source = after
      return called(2 * i, 2 * i + 1, call, outcome)
    }
    const { copied, outcome, target: after } = copy(source, target, call.to)
    target = after
    return { ...called(2 * i, 2 * i + 1, call, outcome), copied }
  })
}
