// Runs a command with REDIS_URL set to a private redis-server on a free
// loopback port, and ends the server with it.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const host = "127.0.0.1"

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, host, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(false))
  })

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

const ready = async (port, tries = 100) => {
  if (await listens(port)) return
  if (tries === 0) throw new Error("redis-server did not listen within 5 seconds")
  await pause(50)
  await ready(port, tries - 1)
}

const port = await freePort()
const dir = mkdtempSync(join(tmpdir(), "effect-checkpoint-redis-"))
const args = ["--port", String(port), "--bind", host, "--dir", dir, "--save", "", "--notify-keyspace-events", "Ex"]
const server = spawn(process.env.REDIS_SERVER_BIN ?? "redis-server", args, { stdio: "ignore" })

const end = (code) => {
  server.kill("SIGKILL")
  rmSync(dir, { recursive: true, force: true })
  process.exit(code)
}

server.on("error", () => end(1))
await ready(port)
const [command, ...rest] = process.argv.slice(2)
const child = spawn(command, rest, { stdio: "inherit", env: { ...process.env, REDIS_URL: `redis://${host}:${port}` } })
child.on("exit", (code) => end(code ?? 1))
