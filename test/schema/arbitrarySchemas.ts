/** Schemas that change nothing, and values that often, but not always, are theirs. */
import { Either, FastCheck as fc, Schema } from "effect"

type Plain = Schema.Schema.AnyNoContext

/** Few, so that schemas and values meet; some mean something to objects. */
const name = fc.constantFrom("a", "b", "c", "1", "constructor", "__proto__")

enum Fruit {
  Apple,
  Banana = "a"
}

/** A schema, and values of it. */
interface Drawn {
  readonly schema: Plain
  readonly value: fc.Arbitrary<unknown>
}

/** No schema here needs a context, though types of fields do not tell. */
const drawn = (schema: Schema.Schema.All, value: fc.Arbitrary<unknown>): Drawn => ({ schema: schema as Plain, value })

const word = fc.constantFrom("a", "b", "")
const some = fc.constantFrom<Array<unknown>>("a", 1, null, undefined, {}, [])

const leaf: fc.Arbitrary<Drawn> = fc.constantFrom(
  ...[Schema.String, Schema.String.annotations({ title: "text" })].map((schema) => drawn(schema, word)),
  ...[Schema.Unknown, Schema.Any, Schema.Void].map((schema) => drawn(schema, some)),
  drawn(Schema.Number, fc.constantFrom(0, 1, -0, NaN)),
  drawn(Schema.Boolean, fc.boolean()),
  drawn(Schema.Null, fc.constant(null)),
  drawn(Schema.Undefined, fc.constant(undefined)),
  drawn(Schema.Never, some),
  drawn(Schema.Object, fc.constantFrom({}, [], { a: 1 })),
  drawn(Schema.Literal("a"), fc.constant("a")),
  drawn(Schema.Literal("a", 1, null), fc.constantFrom("a", 1, null)),
  drawn(Schema.Enums(Fruit), fc.constantFrom<Array<unknown>>(Fruit.Apple, Fruit.Banana)),
  drawn(Schema.Int, fc.constantFrom(0, 1, 0.5)),
  drawn(Schema.NonEmptyString, word),
  drawn(Schema.Struct({}), some)
)

/** What Schema alone can read. */
const special: fc.Arbitrary<Drawn> = fc.constantFrom(
  drawn(Schema.NumberFromString, fc.constantFrom("1", "a")),
  drawn(Schema.DateFromSelf, some),
  drawn(Schema.TemplateLiteral("a", Schema.String), word),
  drawn(Schema.String.annotations({ decodingFallback: () => Either.right("a") }), some),
  drawn(
    Schema.Struct({ a: Schema.Unknown }).annotations({ parseOptions: { onExcessProperty: "preserve" } }),
    fc.constantFrom({ a: 1 }, { a: 1, b: 1 })
  ),
  drawn(Schema.Struct({ a: Schema.optionalWith(Schema.Number, { default: () => 1 }) }), fc.constantFrom({}, { a: 2 })),
  drawn(
    Schema.Struct({ a: Schema.String }, { key: Schema.String, value: Schema.Unknown }),
    fc.constant({ b: 1, a: "a" })
  )
)

/** Own fields in this order, `__proto__` too. */
const ordered = (entries: ReadonlyArray<readonly [string, unknown]>): object => Object.fromEntries(entries)

interface DrawnField extends Drawn {
  readonly name: string
  readonly optional: boolean
}

/** All fields in their order, in another one, or some of them. */
const entriesFor = (fields: ReadonlyArray<DrawnField>) => {
  const entries = fc.tuple(...fields.map(({ name, value }) => fc.tuple(fc.constant(name), value)))
  return fc.oneof(
    entries,
    entries.chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
    entries.chain((all) => fc.subarray(all))
  ).map(ordered)
}

const fieldsOf = (inner: fc.Arbitrary<Drawn>) =>
  fc.uniqueArray(fc.record({ name, optional: fc.boolean(), drawn: inner }), {
    maxLength: 4,
    selector: (field) => field.name
  }).map((fields) => {
    const all = fields.map(({ drawn, name, optional }): DrawnField => ({ ...drawn, name, optional }))
    const schemas = all.map(({ name, optional, schema }) =>
      [name, optional ? Schema.optional(schema) : schema] as const
    )
    return { fields: Object.fromEntries(schemas) as Schema.Struct.Fields, value: entriesFor(all) }
  })

const structOf = (inner: fc.Arbitrary<Drawn>) =>
  fieldsOf(inner).map(({ fields, value }) => drawn(Schema.Struct(fields), value))

const tagged = (inner: fc.Arbitrary<Drawn>) =>
  fc.tuple(fieldsOf(inner), fieldsOf(inner)).map(([one, other]) =>
    drawn(
      Schema.Union(
        Schema.Struct({ ...one.fields, c: Schema.Literal("a") }),
        Schema.Struct(other.fields),
        Schema.Struct({ ...other.fields, c: Schema.Literal("b") })
      ),
      fc.oneof(
        other.value,
        one.value.map((value) => ({ ...value, c: "a" })),
        other.value.map((value) => ({ c: "b", ...value }))
      )
    )
  )

const compound = (inner: fc.Arbitrary<Drawn>): ReadonlyArray<fc.Arbitrary<Drawn>> => [
  structOf(inner),
  tagged(inner),
  structOf(inner).map(({ schema, value }) =>
    drawn(schema.pipe(Schema.filter((it) => Object.keys(it).length > 1)), value)
  ),
  inner.map(({ schema, value }) => drawn(Schema.Array(schema), fc.array(value, { maxLength: 3 }))),
  inner.map(({ schema, value }) => drawn(Schema.NonEmptyArray(schema), fc.array(value, { maxLength: 3 }))),
  inner.map(({ schema, value }) =>
    drawn(Schema.Array(schema).pipe(Schema.maxItems(1)), fc.array(value, { maxLength: 2 }))
  ),
  inner.map(({ schema, value }) =>
    drawn(Schema.Record({ key: Schema.String, value: schema }), fc.array(fc.tuple(name, value)).map(ordered))
  ),
  inner.map(({ schema, value }) => drawn(Schema.suspend(() => schema), value)),
  fc.tuple(inner, inner, inner).map(([a, b, c]) =>
    drawn(
      Schema.Tuple([a.schema, Schema.optionalElement(b.schema)], c.schema),
      fc.oneof(fc.tuple(a.value), fc.tuple(a.value, b.value), fc.tuple(a.value, b.value, c.value, c.value))
    )
  ),
  fc.tuple(inner, inner).map(([a, b]) => drawn(Schema.Tuple(a.schema, b.schema), fc.tuple(a.value, b.value))),
  fc.array(inner, { minLength: 2, maxLength: 3 }).map((members) =>
    drawn(Schema.Union(...members.map(({ schema }) => schema)), fc.oneof(...members.map(({ value }) => value)))
  )
]

const nested = (depth: number, leaves: fc.Arbitrary<Drawn>): fc.Arbitrary<Drawn> =>
  depth === 0 ? leaves : fc.oneof(leaves, ...compound(nested(depth - 1, leaves)))

/** A schema, and a value that may be one of it. */
export const pairs = nested(3, fc.oneof({ weight: 9, arbitrary: leaf }, { weight: 1, arbitrary: special }))
  .chain(({ schema, value }) => fc.tuple(fc.constant(schema), value))

export const plainSchemas = nested(3, leaf).map(({ schema }) => schema)

const scalar = fc.constantFrom<Array<unknown>>("a", "b", "", "1", 0, 1, -0, 0.5, NaN, true, null, undefined)

const entriesOf = (value: fc.Arbitrary<unknown>) =>
  fc.uniqueArray(fc.tuple(name, value), { maxLength: 5, selector: ([key]) => key })

const values = (depth: number, leaves: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  if (depth === 0) return leaves
  const inner = values(depth - 1, leaves)
  return fc.oneof(leaves, fc.array(inner, { maxLength: 3 }), entriesOf(inner).map(ordered))
}

export const plainValues = values(3, scalar)

class Inherited {
  get a(): string {
    return "a"
  }
}

/** What no JSON holds. */
const odd = fc.constantFrom<Array<() => unknown>>(
  () => new Inherited(),
  () => Object.create(null),
  () => Object.assign(Object.create(null), { a: "a" }),
  () => Object.defineProperty({ a: "a" }, "b", { value: 1, enumerable: false }),
  () => ({ a: "a", [Symbol.iterator]: 1 }),
  () => new Date(0),
  () => new Map(),
  () => () => 1,
  () => Symbol("a"),
  () => 1n,
  () => new (class extends Array<unknown> {})()
).map((make) => make())

export const oddValues = values(2, fc.oneof(scalar, odd))
