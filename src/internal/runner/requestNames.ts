import type { Request } from "../../services/Outcome.js"
import type { Open } from "./requests.js"

/** How a request is called. */
export interface Named {
  /** Says of which visit it is: an answer to an earlier one, which may come late, has another id. */
  readonly id: string
  /** Means whichever is open. */
  readonly name: string
}

/** The name of a request, and its id in a visit. */
export const named = (base: number, ...words: ReadonlyArray<string>): Named => {
  const name = words.join(":")
  return { id: `${name}@${base}`, name }
}

export const isCalled = (called: string) => ({ id, name }: Named): boolean => id === called || name === called

const idBelow = (node: string, base: number, id: string): string => `${node}@${base}/${id}`

const nameBelow = (node: string, name: string): string => `${node}/${name}`

/** Of a child: as its parent calls it. */
export const namedBelow = (node: string, base: number, { id, name }: Named): Named => ({
  id: idBelow(node, base, id),
  name: nameBelow(node, name)
})

/** What a child asks for, as its parent hands it on. */
export const below = (node: string, base: number, request: Request): Request => ({
  ...request,
  id: idBelow(node, base, request.id)
})

export const openBelow = (node: string, base: number, open: Open): Open => ({
  ...open,
  request: below(node, base, open.request),
  name: nameBelow(node, open.name)
})
