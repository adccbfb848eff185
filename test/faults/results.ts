/** The tables at the end of the run. */
import * as Tables from "../support/Tables.js"
import { type Called, type Outcome, verbs } from "./history.js"
import type { Judgement, Loses } from "./judge.js"
import type { Trial } from "./trial.js"

const tables = Tables.make("faults")

export const setup = tables.clear

const titles = {
  outcomes: "What clients were told: fault, verb, calls by outcome",
  faults: "What was left",
  bytes: "Cut, split, delayed and dropped at each byte",
  down: "Fibers that wait for a server",
  mutants: "Broken stores, and what told"
} as const

export type Table = keyof typeof titles

export const report = (table: Table, scenario: string, cells: Tables.Row["cells"]): void =>
  tables.report({ table, scenario, cells })

const counts = (calls: ReadonlyArray<Called>) => {
  const of = (tag: Outcome["_tag"]) => calls.filter(({ outcome }) => outcome._tag === tag).length
  return {
    runs: calls.length,
    ok: of("Ok"),
    conflict: of("Conflict"),
    refused: of("Refused"),
    "not sent": of("NotSent"),
    unknown: of("Unknown"),
    "sent again": calls.filter(({ lost, outcome }) => lost.length > (outcome._tag === "Unknown" ? 1 : 0)).length
  }
}

export const reportCalls = (scenario: string, calls: ReadonlyArray<Called>): void => {
  for (const verb of verbs) {
    const some = calls.filter(({ call }) => call.verb === verb)
    if (some.length > 0) report("outcomes", `${scenario}: ${verb}`, counts(some))
  }
}

export const reportTrial = (scenario: string, loses: Loses, trial: Trial): void => {
  reportCalls(scenario, trial.calls)
  report("faults", scenario, {
    rounds: trial.rounds,
    ...counts(trial.calls),
    "server may lose": loses,
    "acknowledged writes lost": trial.lost,
    "told by a conflict": trial.told,
    "configurations searched": trial.visited,
    undecided: trial.undecided,
    wrong: trial.violations.length + trial.broken.length
  })
}

export interface Struck {
  readonly request: number
  readonly reply: number
  readonly calls: ReadonlyArray<Called>
  readonly judgement: Judgement
  readonly broken: number
}

export const reportBytes = (verb: string, { broken, calls, judgement, reply, request }: Struck): void =>
  report("bytes", verb, {
    "bytes of the request": request,
    "of the reply": reply,
    ...counts(calls),
    "acknowledged writes lost": judgement.lost,
    undecided: judgement.undecided,
    wrong: judgement.violations.length + broken
  })

export const teardown = (): void => {
  for (const [table, title] of Object.entries(titles)) tables.print(title, table, [])
}
