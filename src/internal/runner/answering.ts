import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CheckpointConflict } from "../../schema/Errors.js"
import { ExecutionNotFound, NotWaiting, StepCodecError } from "../../schema/ExecutionErrors.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import type { Answer, ReadError, RunError, RunOptions } from "../../services/GraphRunner.js"
import type { Outcome } from "../../services/Outcome.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import type { Definition, Fields } from "../graph/definition.js"
import { jsonLoss } from "../json.js"
import type { Core } from "../store/core.js"
import { inspect, type Inspected, type Root } from "./inspect.js"
import { codedMemo } from "./memos.js"
import { hastened } from "./planning.js"
import { isCalled, type Named } from "./requestNames.js"
import type { Open } from "./requests.js"
import type { Plan } from "./run.js"
import { resume } from "./starting.js"

export type AnswerError = ReadError | CheckpointConflict | ExecutionNotFound | NotWaiting | StepCodecError

const textOf = (executionId: string, { answer, request = "" }: Answer): Effect.Effect<string, StepCodecError> => {
  const issue = answer === undefined ? "answer: is undefined, which JSON has not; use null" : jsonLoss(answer, "answer")
  return issue === undefined
    ? Effect.succeed(JSON.stringify(answer))
    : Effect.fail(new StepCodecError({ executionId, step: request, direction: "encode", issue }))
}

const openAs = (open: ReadonlyArray<Open>, called: string): ReadonlyArray<Open> =>
  open.filter(({ name, request }) => isCalled(called)({ id: request.id, name }))

const chosen = (
  executionId: string,
  open: ReadonlyArray<Open>,
  id: string | undefined
): Effect.Effect<Open, NotWaiting> => {
  const fitting = id === undefined ? open : openAs(open, id)
  const [one] = fitting
  if (one !== undefined && fitting.length === 1) return Effect.succeed(one)
  const waiting = open.map(({ request }) => request.id)
  return Effect.fail(new NotWaiting({ executionId, waiting, ...(id === undefined ? undefined : { request: id }) }))
}

/** The first answer stands, so that to give it again changes nothing and is no mistake. */
const isAnswered = (answered: ReadonlyArray<Named>, open: ReadonlyArray<Open>, id: string | undefined): boolean =>
  id === undefined
    ? open.length === 0 && answered.length > 0
    : answered.some(isCalled(id)) && openAs(open, id).length === 0

/** Whom to tell when something below is answered; undefined when all that is waited for is its own. */
const rootOf = <E, R>(
  definition: Definition<E, R>,
  executionId: string,
  { position, root }: Inspected
): Root | undefined => {
  if (root !== undefined) return root
  const asksBelow = position.record.next.some((name) => typeof definition.nodes.get(name)?.run === "object")
  return asksBelow ? { executionId, graph: definition.name } : undefined
}

export const answer =
  <E, R>(core: Core, { definition }: Plan<E, R>) =>
  (executionId: string, given: Answer): Effect.Effect<void, AnswerError, R> =>
    Effect.gen(function*() {
      const value = yield* textOf(executionId, given)
      const inspected = yield* inspect(core, definition, executionId)
      if (Option.isNone(inspected)) return yield* new ExecutionNotFound({ executionId })
      const { answered, open } = inspected.value
      const root = rootOf(definition, executionId, inspected.value)
      const told = root === undefined
        ? RedisProgram.succeed(undefined)
        : ExecutionProgram.wake(core.layout, root.graph, root.executionId)
      // The one who answered first may have died before its root was told.
      const roots = root === undefined ? [] : [root]
      if (isAnswered(answered, open, given.request)) {
        yield* hastened(core, roots)
        return yield* core.redis.pipeline(told)
      }
      const { base, field, graph, head, request } = yield* chosen(executionId, open, given.request)
      const memo = yield* codedMemo(core, { executionId: request.executionId, base, head, field, value })
      const answer = ExecutionProgram.answer(core.layout, graph, memo)
      yield* hastened(core, [{ executionId: request.executionId, graph }, ...roots])
      yield* core.redis.pipeline(RedisProgram.zip(answer, told))
    })

/** The answer needs no lease; whoever runs the execution then has it. */
export const resumeWith = <E, R>(core: Core, plan: Plan<E, R>) =>
(
  executionId: string,
  options: RunOptions & Partial<Answer> = {}
): Effect.Effect<Outcome<Fields>, E | RunError | AnswerError, R> => {
  const run = resume(core, plan)(executionId, options)
  return options.answer !== undefined
    ? Effect.zipRight(answer(core, plan)(executionId, { answer: options.answer, request: options.request }), run)
    : run
}
