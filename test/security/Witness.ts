/** Sees all that a program shows: spans, logs, metrics, the console, and how it fails. */
import { Cause, Effect, Exit, Layer, Logger, LogLevel, Metric, Schema, Tracer } from "effect"
import { inspect } from "node:util"
import { vi } from "vitest"

const deep = (value: unknown): string =>
  inspect(value, { depth: 30, showHidden: true, maxStringLength: null, maxArrayLength: null, breakLength: 120 })

/** An error in each of the forms in which one is printed or sent. */
const renderings = (error: unknown): ReadonlyArray<string> => [
  String(error),
  deep(error),
  JSON.stringify(error) ?? "",
  error instanceof Error ? `${error.message}\n${error.stack}\n${deep(error.cause)}` : "",
  isEncodable(error) ? JSON.stringify(Schema.encodeUnknownSync(error.constructor)(error)) : ""
]

interface Encodable {
  readonly constructor: Schema.Schema<unknown, unknown>
}

/** The class of a `Schema.TaggedError` is its schema. */
const isEncodable = (error: unknown): error is Encodable =>
  typeof error === "object" && error !== null && Schema.isSchema(error.constructor)

const renderExit = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> =>
  Exit.isSuccess(exit) ? [] : [
    Cause.pretty(exit.cause, { renderErrorCause: true }),
    deep(exit),
    JSON.stringify(exit),
    ...[...Cause.failures(exit.cause), ...Cause.defects(exit.cause)].flatMap(renderings)
  ]

export interface Seen {
  /** Everything, as text. */
  readonly text: () => string
  /** The tags of what failed, a command's with its code, a connection's with its reason. */
  readonly failures: Set<string>
  readonly counts: { spans: number; logs: number }
}

interface Failing {
  readonly _tag?: string
  readonly _op?: string
  readonly code?: string
  readonly reason?: string
}

const nameOf = ({ _op, _tag, code, reason }: Failing): string =>
  [_tag ?? _op ?? "?", code ?? reason].filter((part) => part !== undefined).join(" ")

export class Witness implements Seen {
  readonly failures = new Set<string>()
  readonly counts = { spans: 0, logs: 0 }
  private readonly lines: Array<string> = []

  readonly text = () => this.lines.join("\n")

  private readonly tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      const { counts, lines } = this
      counts.spans++
      return {
        _tag: "Span",
        spanId: String(counts.spans),
        traceId: "trace",
        sampled: true,
        status: { _tag: "Started", startTime },
        name,
        parent,
        context,
        links,
        kind,
        attributes,
        attribute: (key, value) => void attributes.set(key, value),
        event: (event, _time, fields) => void lines.push(event, deep(fields)),
        addLinks: () => {},
        end: (_time, exit) => void lines.push(name, deep(attributes), ...renderExit(exit))
      }
    },
    context: (run) => run()
  })

  private readonly logger = Logger.make((entry) => {
    this.counts.logs++
    this.lines.push(
      deep([entry.message, entry.annotations, entry.spans, entry.cause]),
      Cause.pretty(entry.cause, { renderErrorCause: true }),
      Logger.jsonLogger.log(entry),
      Logger.logfmtLogger.log(entry)
    )
  })

  /** Runs a program under watch, and notes how it ends. */
  watch<A, E>(program: Effect.Effect<A, E>): Effect.Effect<void> {
    const channels = ["log", "info", "warn", "error", "debug"] as const
    const listening = Effect.sync(() =>
      channels.map((channel) => vi.spyOn(console, channel).mockImplementation((...args) => void this.note(args)))
    )
    return Effect.acquireUseRelease(
      listening,
      () => Effect.exit(program),
      (spies) => Effect.sync(() => spies.forEach((spy) => spy.mockRestore()))
    ).pipe(
      Effect.flatMap((exit) => Effect.sync(() => this.ended(exit))),
      Effect.zipRight(Metric.snapshot),
      Effect.map((metrics) => this.note(metrics)),
      Effect.withTracer(this.tracer),
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(Layer.mergeAll(Logger.replace(Logger.defaultLogger, this.logger)))
    )
  }

  note(value: unknown): void {
    this.lines.push(deep(value), ...renderings(value))
  }

  private ended(exit: Exit.Exit<unknown, unknown>): void {
    this.lines.push(...renderExit(exit))
    if (Exit.isFailure(exit)) {
      for (const failure of Cause.failures(exit.cause)) this.failures.add(nameOf(failure as Failing))
    }
  }
}
