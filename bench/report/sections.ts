/** Parts of a document that a run of the bench writes, between `<!-- bench:name -->` and `<!-- /bench:name -->`. */
import { readFileSync, writeFileSync } from "node:fs"

export interface Section {
  readonly name: string
  readonly text: string
}

/** The document with the section in its place, or as it was if it has none. */
export const replaced = (document: string, { name, text }: Section): string => {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  return from === -1 || to === -1
    ? document
    : `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`
}

/** Sections that the document has no place for are left out. */
export const writeSections = (file: string, sections: ReadonlyArray<Section>): void =>
  writeFileSync(file, sections.reduce(replaced, readFileSync(file, "utf8")))
