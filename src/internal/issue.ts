import type * as ParseResult from "effect/ParseResult"

/** A leaf of a parse issue: where, and what the schema wanted. Never the value that was there. */
const leaves = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey>, out: Array<string>): void => {
  switch (issue._tag) {
    case "Pointer": {
      const step = Array.isArray(issue.path) ? issue.path as ReadonlyArray<PropertyKey> : [issue.path as PropertyKey]
      return leaves(issue.issue, [...path, ...step], out)
    }
    case "Composite": {
      const issues = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      for (const inner of issues as ReadonlyArray<ParseResult.ParseIssue>) leaves(inner, path, out)
      return
    }
    case "Transformation":
      // A function's own issue is no better than the name of the schema, unless it leads to a field.
      if (issue.kind === "Transformation" && issue.issue._tag === "Type") break
      return leaves(issue.issue, path, out)
    case "Refinement":
      if (issue.kind === "Predicate") break
      return leaves(issue.issue, path, out)
    default:
      break
  }
  out.push(`${place(path)}: ${wanted(issue)}`)
}

const place = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`
    return text === "" ? String(step) : `${text}.${String(step)}`
  }, "") || "value"

const wanted = (issue: ParseResult.ParseIssue): string => {
  if (issue._tag === "Missing") return "is missing"
  if (issue._tag === "Unexpected") return "is not a field of the schema"
  return `expected ${String("ast" in issue ? issue.ast : "another value")}`
}

/** Says what is wrong with a value without quoting it: errors and logs carry no payload. */
export const describe = (issue: ParseResult.ParseIssue, root?: string): string => {
  const out: Array<string> = []
  leaves(issue, root === undefined ? [] : [root], out)
  const shown = out.slice(0, 3).join("; ")
  return out.length > 3 ? `${shown}; and ${out.length - 3} more` : shown
}
