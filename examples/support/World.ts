/**
 * The world outside of the checkpoints: lines in a file. What a process did there stays done when it is
 * killed, so the file tells how often it was really done.
 */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Context, Effect, Layer } from "effect"

export class World extends Context.Tag("examples/World")<World, {
  readonly file: string
  readonly write: (line: string) => Effect.Effect<void, PlatformError>
  readonly lines: Effect.Effect<ReadonlyArray<string>, PlatformError>
}>() {}

const at = (file: string) =>
  Effect.map(FileSystem.FileSystem, (fs) =>
    World.of({
      file,
      write: (line) => fs.writeFileString(file, `${line}\n`, { flag: "a" }),
      lines: fs.exists(file).pipe(
        Effect.flatMap((exists) => exists ? fs.readFileString(file) : Effect.succeed("")),
        Effect.map((text) => text.split("\n").filter((line) => line !== ""))
      )
    }))

export const layer = (file: string): Layer.Layer<World, never, FileSystem.FileSystem> => Layer.effect(World, at(file))

/** In a folder that is removed at the end. */
export const layerTemporary: Layer.Layer<World, PlatformError, FileSystem.FileSystem> = Layer.scoped(
  World,
  FileSystem.FileSystem.pipe(
    Effect.flatMap((fs) => fs.makeTempDirectoryScoped({ prefix: "effect-checkpoint-example-" })),
    Effect.flatMap((folder) => at(`${folder}/world`))
  )
)

/** How many lines begin with this. */
export const count = (start: string) =>
  Effect.flatMap(World, ({ lines }) => Effect.map(lines, (all) => all.filter((line) => line.startsWith(start)).length))
