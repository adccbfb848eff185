import { defineConfig } from "vitest/config"

const source = new URL("./src/", import.meta.url).pathname

const packageAliases = [
  { find: /^effect-checkpoint$/, replacement: `${source}index.ts` }
]

const touchesIoredis = "test/**/*.redis.test.ts"

const crashes = "test/crash/runner/**/*.test.ts"

const faults = "test/faults/**/*.test.ts"

const limits = "test/limits/**/*.test.ts"

const ioredisProject = (major: "5" | "6", alias: Array<{ find: RegExp; replacement: string }>) => ({
  extends: true as const,
  resolve: { alias },
  test: {
    name: `ioredis-${major}`,
    include: [touchesIoredis],
    exclude: [crashes, faults, limits],
    env: { IOREDIS_MAJOR: major }
  }
})

export default defineConfig({
  resolve: { alias: packageAliases },
  test: {
    pool: "forks",
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    setupFiles: ["test/support/seeds.ts"],
    // Thousands of tests kill, stop and race real servers: what a busy machine disturbs once has to pass the second time.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "json"],
    outputFile: { json: process.env["VITEST_REPORT"] ?? ".tmp/vitest.json" },
    projects: [
      {
        extends: true,
        test: {
          name: "core",
          include: ["test/**/*.test.ts"],
          exclude: [touchesIoredis, crashes, faults, limits, "test/package/**"]
        }
      },
      ioredisProject("6", []),
      ioredisProject("5", [{ find: /^ioredis$/, replacement: "ioredis5" }]),
      {
        extends: true,
        test: {
          name: "crash",
          include: [crashes],
          globalSetup: ["test/crash/runner/results.ts"],
          testTimeout: 240_000
        }
      },
      {
        extends: true,
        test: {
          name: "faults",
          include: [faults],
          globalSetup: ["test/faults/results.ts"],
          testTimeout: 120_000 + 2_000 * Number(process.env["FAULT_SECONDS"] ?? 4)
        }
      },
      {
        extends: true,
        test: {
          name: "limits",
          include: [limits],
          globalSetup: ["test/limits/figures.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000
        }
      },
      {
        extends: true,
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            ignoreSourceErrors: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "./tsconfig.json"
          }
        }
      },
      {
        extends: true,
        test: { name: "package", include: ["test/package/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 }
      }
    ]
  }
})
