import { KeyValueStore } from "@effect/platform"
import { Layer, TestClock } from "effect"
import * as EmbeddedLive from "../../src/layers/EmbeddedLive.js"
import { executionSuite } from "./executionSuite.js"

executionSuite("EmbeddedLive", {
  redis: Layer.provide(EmbeddedLive.redis(), KeyValueStore.layerMemory),
  elapse: TestClock.adjust
})
