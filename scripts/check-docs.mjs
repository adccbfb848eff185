// Compiles every TypeScript block of README.md and docs/*.md and every @example
// of src, and runs those of the documents, each as a program of its own.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"

const out = ".tmp/docs"
const patience = 60_000

const filesOf = (folder, extension) => {
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", folder], {
    encoding: "utf8"
  })
  return listed.stdout.split("\n").filter((file) => file.endsWith(extension) && existsSync(file))
}

const blocksOf = (text) => [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)

const commentsOf = (text) =>
  text.split("\n").filter((line) => /^\s+\*/.test(line)).map((line) => line.replace(/^\s+\* ?/, "")).join("\n")

const collect = (files, runs, textOf) =>
  files.flatMap((file) =>
    blocksOf(textOf(readFileSync(file, "utf8"))).map((code, i) => ({
      code,
      runs,
      source: `${file}, block ${i + 1}`,
      file: `${out}/${file.replaceAll(/[/.]/g, "-")}-${i + 1}.ts`
    }))
  )

const blocks = [
  ...collect(["README.md", ...filesOf("docs", ".md")].filter(existsSync), true, (text) => text),
  ...collect(filesOf("src", ".ts"), false, commentsOf)
]

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
for (const { code, file } of blocks) writeFileSync(file, `${code}\nexport {}\n`)
writeFileSync(
  `${out}/tsconfig.json`,
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: {
      noUnusedLocals: false,
      plugins: [],
      paths: {
        "effect-checkpoint": ["../../src/index.ts"],
        "effect-checkpoint/*": ["../../src/services/*.ts", "../../src/layers/*.ts", "../../src/schema/*.ts"]
      }
    },
    include: ["*.ts"]
  })
)

const run = (args) => spawnSync(process.execPath, args, { encoding: "utf8", timeout: patience, killSignal: "SIGKILL" })

const compiled = run(["node_modules/typescript/bin/tsc", "--noEmit", "-p", out])
const complaints = `${compiled.stdout}${compiled.stderr}`.split("\n")
const failures = blocks.filter(({ code, file, runs, source }) => {
  const wrong = complaints.filter((line) => line.startsWith(file))
  const result = wrong.length === 0 && runs ? run(["--import", "tsx", file]) : { status: wrong.length, stderr: "" }
  if (result.status === 0) return false
  console.error(`\n${source}:\n${wrong.join("\n")}${result.stderr}\n${code}`)
  return true
})
const passed = blocks.length - failures.length
const ok = failures.length === 0 && compiled.status === 0
console.log(`${blocks.length} code blocks: ${passed} passed, ${ok ? 0 : Math.max(1, failures.length)} failed`)
process.exit(ok ? 0 : 1)
