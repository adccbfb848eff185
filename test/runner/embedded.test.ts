import { KeyValueStore } from "@effect/platform"
import { Layer } from "effect"
import { EmbeddedLive } from "effect-checkpoint"
import { runnerSuite } from "./runnerSuite.js"

runnerSuite("EmbeddedLive", { redis: Layer.provide(EmbeddedLive.redis(), KeyValueStore.layerMemory) })
