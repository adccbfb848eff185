import type { Layer } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { yielding } from "./Bench.js"
import { storeSuite } from "./storeSuite.js"

const redis = yielding(TestMemory.redis() as Layer.Layer<Layer.Layer.Success<ReturnType<typeof TestMemory.redis>>>)

storeSuite("TestMemory", { index: "sortedSet", redis })
storeSuite("TestMemory, index: \"set\"", { index: "set", redis })
