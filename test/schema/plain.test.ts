import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, ParseResult, Schema } from "effect"
import { jsonLoss } from "../../src/internal/json.js"
import { optionsOf, plain, unclear } from "../../src/internal/schema/plain.js"
import { oddValues, pairs, plainSchemas, plainValues } from "./arbitrarySchemas.js"

type Plain = Schema.Schema.AnyNoContext

/** With the order of fields, and where there are fields that are undefined. */
const shape = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  const fields = Reflect.ownKeys(value).map((key) => [key, shape((value as Record<PropertyKey, unknown>)[key])])
  return [Array.isArray(value), Object.getPrototypeOf(value), ...fields]
}

const bySchema = {
  decode: (schema: Plain) => (value: unknown) => ParseResult.decodeUnknownEither(schema)(value, optionsOf.decode),
  encode: (schema: Plain) => (value: unknown) => ParseResult.encodeUnknownEither(schema)(value, optionsOf.encode)
}

/** Schema itself cannot have unions whose members are told apart by a field that all objects inherit. */
const isPossible = (schema: Plain): boolean => {
  try {
    ParseResult.decodeUnknownEither(schema)
    ParseResult.encodeUnknownEither(schema)
    return true
  } catch {
    return false
  }
}

const same = (schema: Plain, direction: "decode" | "encode", value: unknown): boolean => {
  if (!isPossible(schema)) return false
  const before = shape(value)
  const ours = plain(schema.ast, direction)(value)
  assert.deepStrictEqual(shape(value), before, "the value itself was changed")
  if (ours === unclear) return false
  if (direction === "encode" && ours !== undefined) assert.isUndefined(jsonLoss(ours, "state"))
  assert.deepStrictEqual(shape(ours), shape(Either.getOrThrow(bySchema[direction](schema)(value))))
  return true
}

const settings = { fastCheck: { numRuns: 2_000 } }

const directions = ["decode", "encode"] as const

const Tree = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
})

interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}

const State = Schema.Struct({
  step: Schema.Int,
  note: Schema.optional(Schema.String),
  phase: Schema.Union(
    Schema.Struct({ kind: Schema.Literal("waiting"), for: Schema.String }),
    Schema.Struct({ kind: Schema.Literal("done"), at: Schema.Number })
  ),
  messages: Schema.Array(
    Schema.Struct({ role: Schema.Literal("user", "tool"), content: Schema.NullOr(Schema.String) })
  ),
  scores: Schema.Record({ key: Schema.String, value: Schema.Number }),
  tree: Tree
})

const state = {
  step: 1,
  phase: { kind: "done", at: 1 },
  messages: [{ role: "user", content: null }],
  scores: { a: 1 },
  tree: { name: "root", children: [{ name: "leaf", children: [] }] }
}

/** A copy with this value at the end of a path. */
const withAt = (whole: unknown, [key, ...rest]: ReadonlyArray<string | number>, value: unknown): unknown => {
  if (key === undefined) return value
  const copy = structuredClone(whole) as Record<string | number, unknown>
  copy[key] = withAt(copy[key], rest, value)
  return copy
}

describe.each(directions)("a schema that changes nothing, to %s", (direction) => {
  it.prop("gives what Schema gives, of any value", [plainSchemas, plainValues], ([schema, value]) => {
    same(schema, direction, value)
  }, settings)

  it.prop("gives what Schema gives, of its own values", [pairs], ([[schema, value]]) => {
    same(schema, direction, value)
  }, settings)

  it("is itself, where nothing is to be left out", () => {
    assert.strictEqual(plain(State.ast, direction)(state), state)
  })

  it.prop("leaves to Schema what it refuses, and no more", [
    fc.constantFrom<ReadonlyArray<string | number>>(["step"], ["phase", "kind"], ["messages", 0], ["tree", "name"]),
    plainValues
  ], ([path, value]) => {
    const changed = withAt(state, path, value)
    const accepted = Either.isRight(bySchema[direction](State)(changed))
    assert.strictEqual(same(State, direction, changed), accepted)
  }, settings)
})

describe("a schema that changes nothing", () => {
  it.prop("encodes as Schema does what JSON does not hold", [plainSchemas, oddValues], ([schema, value]) => {
    same(schema, "encode", value)
  }, settings)

  it("leaves out fields that it has not, and refuses them where they are an error", () => {
    const more = { ...state, tree: { ...state.tree, more: 1 } }
    assert.deepStrictEqual(plain(State.ast, "decode")(more), state)
    assert.strictEqual(plain(State.ast, "encode")(more), unclear)
  })

  it("has fields in the order of the schema", () => {
    const { step, ...rest } = state
    assert.deepStrictEqual(Object.keys(plain(State.ast, "decode")({ ...rest, step }) as object), Object.keys(state))
  })

  it.each(directions)("looks at each field once, in whatever order they are at every depth: %s", (direction) => {
    let looks = 0
    const leaf = Schema.Int.pipe(Schema.filter(() => ++looks > 0))
    const deep = (depth: number): Plain =>
      depth === 0
        ? leaf
        : Schema.Struct({ first: Schema.optional(Schema.Int), inner: deep(depth - 1), last: Schema.Int })
    const value = (depth: number): unknown => depth === 0 ? 1 : { inner: value(depth - 1), last: 1, first: 1 }
    const check = plain(deep(24).ast, direction)
    looks = 0
    assert.notStrictEqual(check(value(24)), unclear)
    assert.strictEqual(looks, 1)
  })

  it("leaves to Schema a union whose members give different values", () => {
    const Both = Schema.Union(
      Schema.Struct({ a: Schema.Number }),
      Schema.Struct({ a: Schema.Number, b: Schema.Number })
    )
    assert.strictEqual(plain(Both.ast, "decode")({ a: 1, b: 1 }), unclear)
    assert.deepStrictEqual(plain(Both.ast, "decode")({ a: 1 }), { a: 1 })
  })

  it.each([
    ["a transformation", Schema.Struct({ a: Schema.NumberFromString })],
    ["a class", class A extends Schema.Class<A>("A")({ a: Schema.String }) {}],
    ["a default", Schema.Struct({ a: Schema.optionalWith(Schema.String, { default: () => "b" }) })],
    ["options of its own", Schema.Struct({ a: Schema.String }).annotations({ parseOptions: { exact: true } })]
  ])("does not hold for %s", (_, schema) => {
    assert.strictEqual(plain((schema as Plain).ast, "decode")({ a: "1" }), unclear)
  })
})
