// Compiles src and bench to .tmp/bench/js as the package is published: loaders
// that compile on the fly change what is measured (they name each closure anew).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import ts from "typescript"

const out = ".tmp/bench/js"

const { compilerOptions } = ts.parseConfigFileTextToJson("tsconfig.json", readFileSync("tsconfig.json", "utf8")).config
const { options } = ts.convertCompilerOptionsFromJson({
  ...compilerOptions,
  module: "ESNext",
  noEmit: false,
  sourceMap: false
}, ".")

const compile = (file) => {
  const target = join(out, file.replace(/\.ts$/, ".js"))
  mkdirSync(dirname(target), { recursive: true })
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions: options, fileName: file })
  writeFileSync(target, outputText)
}

rmSync(out, { recursive: true, force: true })
for (const folder of ["src", "bench"]) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (name.endsWith(".ts")) compile(join(folder, name))
  }
}
// What bench imports as "effect-checkpoint" is what was compiled.
const { name, type } = JSON.parse(readFileSync("package.json", "utf8"))
writeFileSync(join(out, "package.json"), JSON.stringify({ name, type, exports: { ".": "./src/index.js" } }))
