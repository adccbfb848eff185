/** Names of memos: a list of words as JSON, so that no name of a node or a step can pass for another. */
const field = (...words: ReadonlyArray<string | number>): string => JSON.stringify(words)

export const stepField = (node: string, name: string): string => field("step", node, name)

export const sleepField = (node: string, name: string): string => field("sleep", node, name)

/** A refused answer is followed by the next round of the same request. */
export const askField = (node: string, name: string, round: number): string => field("ask", node, name, round)

export const askAnswerField = (node: string, name: string, round: number): string => field("answer", node, name, round)

export const beforeField = (node: string): string => field("before", node)

export const afterField = (node: string): string => field("after", node)

/** What a branch of a superstep gave; code with another version of the state runs it again. */
export const branchField = (node: string, stateVersion: number): string => field("node", node, stateVersion)

/** A memo's field taken apart; undefined for what is none of ours. */
export const wordsOf = (text: string): ReadonlyArray<string | number> | undefined => {
  try {
    const words: unknown = JSON.parse(text)
    return Array.isArray(words) ? words as ReadonlyArray<string | number> : undefined
  } catch {
    return undefined
  }
}
