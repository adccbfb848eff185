/**
 * Schemas that change nothing: a value is stored as the program has it. A function made of the schema once tells
 * in a pass what Schema would, ten times as fast. What is wrong with a value is left to Schema to say, and what
 * JSON would lose of it to who asks for that.
 */
import * as Option from "effect/Option"
import * as AST from "effect/SchemaAST"
import { jsonLoss } from "../json.js"
import {
  type Check,
  type Direction,
  type Field,
  holding,
  invalid,
  record,
  struct,
  tuple,
  unclear,
  union
} from "./checks.js"

export { unclear } from "./checks.js"

type Compiler = (ast: AST.AST) => Check | undefined

const all = (compile: Compiler, asts: ReadonlyArray<AST.AST>): ReadonlyArray<Check> | undefined => {
  const checks = asts.map(compile)
  return checks.every((check) => check !== undefined) ? checks : undefined
}

const structOf = (compile: Compiler, direction: Direction, ast: AST.TypeLiteral): Check | undefined => {
  const { indexSignatures: [index, ...others], propertySignatures } = ast
  if (index !== undefined) {
    const check = compile(index.type)
    const simple = others.length === 0 && propertySignatures.length === 0 && AST.isStringKeyword(index.parameter)
    return simple && check !== undefined ? record(check, direction) : undefined
  }
  if (propertySignatures.length === 0) {
    return anything(direction, (input) => input !== null && input !== undefined)
  }
  const fields: Array<Field> = []
  for (const { isOptional, name, type } of propertySignatures) {
    const check = compile(type)
    if (check === undefined || typeof name !== "string" || name === "__proto__") return undefined
    fields.push({ name, optional: isOptional, check })
  }
  return struct(fields, direction)
}

const tupleOf = (compile: Compiler, direction: Direction, { elements, rest }: AST.TupleType): Check | undefined => {
  const [checks, others] = [all(compile, elements.map(({ type }) => type)), all(compile, rest.map(({ type }) => type))]
  const required = elements.filter(({ isOptional }) => !isOptional).length
  return checks === undefined || others === undefined || others.length > 1
    ? undefined
    : tuple(checks, required, others[0], direction)
}

const refined = (check: Check | undefined, ast: AST.Refinement, options: AST.ParseOptions): Check | undefined =>
  check && ((input) => {
    const value = check(input)
    return value === invalid || value === unclear || Option.isNone(ast.filter(value, options, ast)) ? value : invalid
  })

/** As deep as a value may be in itself: beyond it may be too deep for JSON. */
const deepest = 32

/** Made when a value leads there: a recursive schema has no end. */
const suspended = (compile: Compiler, ast: AST.Suspend): Check => {
  let made: Check | undefined
  let depth = 0
  return (input) => {
    if (depth === deepest) return unclear
    made ??= compile(ast.f()) ?? (() => unclear)
    depth++
    try {
      return made(input)
    } finally {
      depth--
    }
  }
}

/** What the schema leaves open: out of a program it may be nothing that JSON has. */
const anything = (direction: Direction, holds: (input: unknown) => boolean): Check =>
  direction === "decode"
    ? holding(holds)
    : (input) => {
      if (!holds(input)) return invalid
      return input === undefined || jsonLoss(input, "") === undefined ? input : unclear
    }

const literal = ({ literal }: AST.Literal): Check | undefined =>
  typeof literal === "bigint" ? undefined : holding((input) => input === literal)

const isNumber = { decode: (input: unknown) => typeof input === "number", encode: Number.isFinite }

const scalar = (tag: AST.AST["_tag"], direction: Direction): Check | undefined => {
  switch (tag) {
    case "AnyKeyword":
    case "UnknownKeyword":
    case "VoidKeyword":
      return anything(direction, () => true)
    case "BooleanKeyword":
      return holding((input) => typeof input === "boolean")
    case "NeverKeyword":
      return () => invalid
    case "NumberKeyword":
      return holding(isNumber[direction])
    case "StringKeyword":
      return holding((input) => typeof input === "string")
    case "UndefinedKeyword":
      return holding((input) => input === undefined)
    default:
      return undefined
  }
}

/** What reads its input in a way of its own. */
const hasOptions = (ast: AST.AST): boolean =>
  Option.isSome(AST.getParseOptionsAnnotation(ast)) || Option.isSome(AST.getDecodingFallbackAnnotation(ast))

const checkOf = (
  compile: Compiler,
  options: AST.ParseOptions,
  direction: Direction,
  ast: AST.AST
): Check | undefined => {
  switch (ast._tag) {
    case "Literal":
      return literal(ast)
    case "Enums":
      return holding((input) => ast.enums.some(([, value]) => value === input))
    case "Refinement":
      return refined(compile(ast.from), ast, options)
    case "Suspend":
      return suspended(compile, ast)
    case "TupleType":
      return tupleOf(compile, direction, ast)
    case "TypeLiteral":
      return structOf(compile, direction, ast)
    case "Union": {
      const members = all(compile, ast.types)
      return members && union(members)
    }
    default:
      return scalar(ast._tag, direction)
  }
}

/** What the store tells Schema. */
export const optionsOf: { readonly [direction in Direction]: AST.ParseOptions } = {
  decode: { errors: "all" },
  encode: { errors: "all", onExcessProperty: "error" }
}

const compilerFor = (direction: Direction): Compiler => {
  const known = new WeakMap<AST.AST, { readonly check: Check | undefined }>()
  const options = optionsOf[direction]
  const compile: Compiler = (ast) => {
    const made = known.get(ast) ?? { check: hasOptions(ast) ? undefined : checkOf(compile, options, direction, ast) }
    known.set(ast, made)
    return made.check
  }
  return compile
}

const compilers = { decode: compilerFor("decode"), encode: compilerFor("encode") }

/**
 * What Schema gives for a value, whichever way; `unclear` where it has to be asked, as for all that is invalid.
 * What it gives out of a program is JSON without loss.
 */
export const plain = (ast: AST.AST, direction: Direction): (input: unknown) => unknown => {
  const check = compilers[direction](ast)
  if (check === undefined) return () => unclear
  return (input) => {
    const value = check(input)
    return value === invalid ? unclear : value
  }
}
