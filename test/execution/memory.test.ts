import { type Layer, TestClock } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { yielding } from "../conformance/Bench.js"
import { executionSuite } from "./executionSuite.js"

const redis = yielding(TestMemory.redis() as Layer.Layer<Layer.Layer.Success<ReturnType<typeof TestMemory.redis>>>)

executionSuite("TestMemory", { redis, elapse: TestClock.adjust })
