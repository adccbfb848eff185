/**
 * Every verb of the store and every rule that its documentation states, on any
 * interpreter of programs.
 */
import { describe, it } from "@effect/vitest"
import { ruleOf, type Subject } from "./Bench.js"
import { anew, headless, movedAway, vanishing } from "./clearing.js"
import { dropping, expiring, refreshing, retaining } from "./expiry.js"
import { forged } from "./forged.js"
import { appending, comparing } from "./guarded.js"
import { ids, prefixes, unknown } from "./hostile.js"
import { listing, reading } from "./reads.js"
import { copying, deleting, executions } from "./removing.js"
import { refusing } from "./setIndex.js"
import { staying } from "./staying.js"
import { failing } from "./undecodable.js"
import { moving, programs, saving, savingMany, typed } from "./writes.js"
import { wrongIndexes, wrongTypes } from "./wrongType.js"

export const storeSuite = (name: string, subject: Subject) =>
  describe(`the store on ${name}`, () => {
    it.layer(subject.redis, { timeout: "30 seconds" })((it) => {
      const rule = ruleOf(it, subject)
      for (const rules of [saving, programs, savingMany, typed, reading, listing, deleting, executions]) rules(rule)
      for (const rules of [expiring, refreshing, ids, prefixes, unknown, wrongTypes, vanishing, anew]) rules(rule)
      // They are of plain JSON, and a group without rules is none.
      if (subject.codec === undefined) forged(rule)
      failing(rule, subject.index)
      if (subject.cluster === true) staying(rule)
      else for (const rules of [moving, wrongIndexes, movedAway]) rules(rule)
      if (subject.index === "set") refusing(rule)
      else for (const rules of [comparing, appending, retaining, dropping, copying, headless]) rules(rule)
    })
  })
