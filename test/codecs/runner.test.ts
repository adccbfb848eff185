import { TestMemory } from "effect-checkpoint"
import { runnerSuite } from "../runner/runnerSuite.js"
import { codecs } from "./Codecs.js"

for (const [name, codec] of Object.entries(codecs)) {
  runnerSuite(`TestMemory, codec ${name}`, { redis: TestMemory.redis(), codec })
}
