import * as OneSlot from "../support/OneSlot.js"
import { yielding } from "./Bench.js"
import { storeSuite } from "./storeSuite.js"

storeSuite("keys for a cluster, one slot a command", {
  index: "sortedSet",
  cluster: true,
  redis: yielding(OneSlot.layer)
})
