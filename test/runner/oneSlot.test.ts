import * as OneSlot from "../support/OneSlot.js"
import { runnerSuite } from "./runnerSuite.js"

runnerSuite("keys for a cluster, one slot a command", { cluster: true, redis: OneSlot.layer })
