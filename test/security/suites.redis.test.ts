/** All suites pass as the user of docs/security.md. */
import { Clock, Effect } from "effect"
import { storeSuite } from "../conformance/storeSuite.js"
import { executionSuite } from "../execution/executionSuite.js"
import { runnerSuite } from "../runner/runnerSuite.js"
import { addedFor, base, storeOnly } from "./documented.js"
import { suiteRedis } from "./suiteRedis.js"

/** The suite of the store has programs that are transactions. */
const transactions = ["+exec", "+multi"]

storeSuite("a server, as the documented user", {
  index: "sortedSet",
  redis: suiteRedis([...storeOnly, ...transactions])
})
storeSuite("a server, index: \"set\", as the documented user", {
  index: "set",
  redis: suiteRedis([...storeOnly, ...transactions, ...addedFor("`index: \"set\"`")])
})
executionSuite("a server, as the documented user", {
  redis: suiteRedis(base),
  elapse: (millis) => Effect.withClock(Effect.sleep(millis), Clock.make())
})
runnerSuite("a server, as the documented user", { redis: suiteRedis(base) })
