/**
 * Child processes that never outlive this one.
 */
import type { ChildProcess } from "node:child_process"

const alive = new Set<ChildProcess>()

const killAll = () => {
  for (const child of alive) child.kill("SIGKILL")
}

const endBy = (signal: NodeJS.Signals) => () => {
  killAll()
  process.kill(process.pid, signal)
}

const watchOnce = () => {
  if (process.listeners("exit").includes(killAll)) return
  process.on("exit", killAll)
  // Neither a signal nor the loss of the test runner leads to "exit".
  process.once("SIGTERM", endBy("SIGTERM"))
  process.once("SIGINT", endBy("SIGINT"))
  process.once("disconnect", endBy("SIGKILL"))
}

/** Kills the child, by its pid, when this process ends. */
export const killOnExit = <Child extends ChildProcess>(child: Child): Child => {
  watchOnce()
  alive.add(child)
  child.once("exit", () => alive.delete(child))
  return child
}
