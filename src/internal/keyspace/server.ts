import { atLeast, between, type Commands, exactly, type Run } from "./Command.js"
import { integer } from "./numbers.js"
import { refuse, syntaxError } from "./Refusal.js"

const flush: Run = (db, modes) => {
  if (modes.length > 1 || modes.some((mode) => !/^a?sync$/i.test(mode))) refuse(syntaxError)
  db.clear()
  return "OK"
}

const time: Run = ({ now }) => [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]

const checkTimeout = (timeout: string): void => {
  if (integer(timeout, "ERR timeout is not an integer or out of range") < 0) refuse("ERR timeout is negative")
}

/** There is nothing to wait for: what a program asks for, it has. */
const wait: Run = (_, [replicas = "", timeout = ""]) => {
  checkTimeout(timeout)
  return integer(replicas)
}

const waitOnDisk: Run = (_, [local = "", replicas = "", timeout = ""]) => {
  checkTimeout(timeout)
  return [integer(local), integer(replicas)]
}

export const server: Commands = {
  DBSIZE: exactly(0, (db) => db.size),
  ECHO: exactly(1, (_, [message = ""]) => message),
  FLUSHALL: atLeast(0, flush),
  FLUSHDB: atLeast(0, flush),
  PING: between(0, 1, (_, [message]) => message ?? "PONG"),
  PUBLISH: exactly(2, () => 0),
  TIME: exactly(0, time),
  WAIT: exactly(2, wait),
  WAITAOF: exactly(3, waitOnDisk)
}
