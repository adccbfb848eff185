/** How the keys of an execution end; scripts build one from another. */
export const suffixes = { index: ":checkpoints", run: ":run", memos: ":memos", doomed: ":doomed" } as const
