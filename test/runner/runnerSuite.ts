/** The rules of the runner that hold on any interpreter of programs. */
import { describe, it } from "@effect/vitest"
import { asking } from "./asking.js"
import { ruleOf, type Subject } from "./Bench.js"
import { childOptions } from "./childOptions.js"
import { childPruning } from "./childPruning.js"
import { childRecovery } from "./childRecovery.js"
import { children } from "./children.js"
import { childRequests } from "./childRequests.js"
import { editedVisits } from "./editedVisits.js"
import { edits } from "./edits.js"
import { gates } from "./gates.js"
import { histories } from "./history.js"
import { lateAnswers } from "./lateAnswers.js"
import { migrating } from "./migrating.js"
import { mistakes } from "./mistaken.js"
import { outliving } from "./outliving.js"
import { ownership } from "./ownership.js"
import { patches } from "./patches.js"
import { programs } from "./programs.js"
import { refusals } from "./refusals.js"
import { stepNames } from "./stepNames.js"
import { stepping } from "./stepping.js"
import { storing } from "./storing.js"
import { supersteps } from "./supersteps.js"

export const runnerSuite = (name: string, subject: Subject) =>
  describe(`the runner on ${name}`, () => {
    it.layer(subject.redis, { timeout: "30 seconds" })((it) => {
      const rule = ruleOf(it, subject)
      for (
        const rules of [supersteps, patches, refusals, storing, gates, asking, stepping, stepNames, programs]
      ) rules(rule)
      for (
        const rules of [
          children,
          childOptions,
          childPruning,
          childRequests,
          childRecovery,
          ownership,
          mistakes,
          outliving,
          lateAnswers,
          histories,
          edits,
          editedVisits,
          migrating
        ]
      ) rules(rule)
    })
  })
