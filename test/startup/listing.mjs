// Writes down what is resolved, by import() too, and for whom. Registers itself.
import { appendFileSync } from "node:fs"
import { register } from "node:module"
import { isMainThread } from "node:worker_threads"

if (isMainThread) register(import.meta.url)

export const resolve = async (specifier, context, next) => {
  const resolved = await next(specifier, context)
  appendFileSync(process.env.LISTING, `${context.parentURL} ${resolved.url}\n`)
  return resolved
}
