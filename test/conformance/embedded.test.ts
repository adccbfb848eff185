import { KeyValueStore } from "@effect/platform"
import { Layer } from "effect"
import * as EmbeddedLive from "../../src/layers/EmbeddedLive.js"
import { storeSuite } from "./storeSuite.js"

const redis = Layer.provide(EmbeddedLive.redis(), KeyValueStore.layerMemory)

storeSuite("EmbeddedLive", { index: "sortedSet", redis })
storeSuite("EmbeddedLive, index: \"set\"", { index: "set", redis })
