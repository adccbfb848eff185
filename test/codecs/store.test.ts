import type { Layer } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { yielding } from "../conformance/Bench.js"
import { storeSuite } from "../conformance/storeSuite.js"
import { codecs } from "./Codecs.js"

const redis = yielding(TestMemory.redis() as Layer.Layer<Layer.Layer.Success<ReturnType<typeof TestMemory.redis>>>)

for (const name of ["json", "messagePack", "deflate", "gzip", "brotli"]) {
  storeSuite(`TestMemory, codec ${name}`, { index: "sortedSet", redis, codec: codecs[name] })
}
