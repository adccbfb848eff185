/** The ACL of docs/security.md: the line, and what each use adds to it. */
import * as fs from "node:fs"

const page = fs.readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8")

const found = (pattern: RegExp): string => {
  const text = pattern.exec(page)?.[1]
  if (text === undefined) throw new Error(`docs/security.md has no ${pattern}`)
  return text
}

const words = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

/** As it stands there. */
export const line = words(found(/^(ACL SETUSER .*)$/m))

/** The commands of the line. */
export const base = line.filter((word) => word.startsWith("+"))

/** Of the line, what a store alone does not need. */
export const runnerOnly = words(found(/without a runner can do without `([^`]*)`/))

export const storeOnly = base.filter((rule) => !runnerOnly.includes(rule))

/** What the row of a use adds. */
export const addedFor = (use: string): ReadonlyArray<string> => {
  const row = page.split("\n").find((line) => line.startsWith(`| ${use} |`)) ?? ""
  const rules = /\| `([^`]*)`/.exec(row.slice(use.length + 2))?.[1]
  if (rules === undefined) throw new Error(`docs/security.md has no row for ${use}`)
  return words(rules.replaceAll("\\|", "|"))
}
