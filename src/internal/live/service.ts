import { Redis, type Service } from "../../services/Redis.js"
import type { Connection } from "./connection.js"
import { expirations } from "./expirations.js"
import { run } from "./run.js"

/** The interpreter of programs on one connection. */
export const service = (connection: Connection): Service =>
  Redis.of({
    pipeline: run(connection, false),
    transaction: run(connection, true),
    expirations: expirations(connection)
  })
