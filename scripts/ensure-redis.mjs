// Makes sure that a redis-server can be started: installs it where that is one
// command (Debian, Ubuntu, as root), and says what to install elsewhere.
import { spawnSync } from "node:child_process"
import { existsSync, rmSync, writeFileSync } from "node:fs"

const oldest = [6, 2]
const binary = process.env.REDIS_SERVER_BIN ?? "redis-server"
const hint = "apt-get install redis-server, brew install redis, or apk add redis; or set REDIS_SERVER_BIN"

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

/** `[major, minor]`, or undefined when there is no such program. */
const version = () => {
  const { stdout } = spawnSync(binary, ["--version"], { encoding: "utf8" })
  const found = /v=(\d+)\.(\d+)/.exec(stdout ?? "")
  return found ? [Number(found[1]), Number(found[2])] : undefined
}

const run = (command, args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env })
  return status === 0
}

/** Packages ask this script whether they may start their services: 101 says no. */
const withoutServices = (install) => {
  const policy = "/usr/sbin/policy-rc.d"
  if (existsSync(policy)) return install()
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    return install()
  } finally {
    rmSync(policy)
  }
}

const install = () =>
  run("apt-get", ["update"]) && run("apt-get", ["install", "-y", "--no-install-recommends", "redis-server"])

const canInstall = process.env.REDIS_SERVER_BIN === undefined && process.getuid?.() === 0 &&
  existsSync("/usr/bin/apt-get")

if (version() === undefined && canInstall) {
  console.log("redis-server is missing: installing it with apt-get")
  if (!withoutServices(install)) fail(`apt-get could not install redis-server (${hint})`)
}

const found = version()
if (found === undefined) {
  fail(`The tests need redis-server ${oldest.join(".")} or newer, and ${binary} is missing: ${hint}`)
}
if (found[0] < oldest[0] || (found[0] === oldest[0] && found[1] < oldest[1])) {
  fail(`The tests need redis-server ${oldest.join(".")} or newer, and ${binary} is ${found.join(".")}: ${hint}`)
}
