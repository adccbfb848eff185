/** What an example claims, checked: prints it, and makes the process fail when something does not hold. */
import { Console, Effect } from "effect"

export const prove = (claims: Readonly<Record<string, boolean>>) =>
  Effect.gen(function*() {
    yield* Console.log("\nThe proof:")
    for (const [claim, holds] of Object.entries(claims)) yield* Console.log(`  ${holds ? "yes" : "NO "}  ${claim}`)
    if (!Object.values(claims).every(Boolean)) process.exitCode = 1
  })
