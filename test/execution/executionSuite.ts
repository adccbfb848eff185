/**
 * Every program of `ExecutionProgram` and every rule that its documentation
 * states, on any interpreter of programs.
 */
import { describe, it } from "@effect/vitest"
import { ruleOf, type Subject } from "./Bench.js"
import { claiming, renewing } from "./claiming.js"
import { committing } from "./committing.js"
import { lasting } from "./lasting.js"
import { hostile, losing, wrongTypes } from "./losing.js"
import { mistaking, nesting, waking } from "./nesting.js"
import { answering, paging, remembering } from "./recording.js"
import { listingDue, releasing, restoring } from "./releasing.js"

export const executionSuite = (name: string, subject: Subject) =>
  describe(`executions on ${name}`, () => {
    it.layer(subject.redis, { timeout: "30 seconds" })((it) => {
      const rule = ruleOf(it, subject)
      for (const rules of [claiming, renewing, releasing, restoring, listingDue, committing, lasting]) rules(rule)
      for (const rules of [nesting, waking, mistaking]) rules(rule)
      for (const rules of [remembering, answering, paging, losing, hostile, wrongTypes]) rules(rule)
    })
  })
