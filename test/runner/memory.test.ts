import { TestMemory } from "effect-checkpoint"
import { runnerSuite } from "./runnerSuite.js"

runnerSuite("TestMemory", { redis: TestMemory.redis() })
