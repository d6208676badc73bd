/**
 * Compares this library with the official SDK and a bare `fetch` loop, and prints tables: `pnpm bench`.
 *
 * - `--short`: runs everything once on very little data, to check that the benchmarks still run
 * - `--write`: writes the tables to the README
 * - `--node FILE`: the Node to run the contenders on. Defaults to the Node of the project.
 * - `--only drain,start-up`: runs only these scenarios
 */
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Consumer from "./consumer.ts"
import * as Marks from "./marks.ts"
import * as Processes from "./processes.ts"
import { type Report, scenarios } from "./scenarios.ts"

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    node: { type: "string", default: process.execPath },
    only: { type: "string", default: Object.keys(scenarios).join(",") }
  }
})

const [cpu] = cpus()
const machine = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model.trim()}, ${
    Math.round(totalmem() / 2 ** 30)
  } GiB, ${process.platform}`,
  `Node ${execFileSync(options.node, ["--version"], { encoding: "utf8" }).trim()}`,
  ...["effect", "@pinecone-database/pinecone", "rolldown", "esbuild", "typescript"].map((name) =>
    `${name} ${Consumer.versionOf(name)}`
  )
].join("; ")

const write = (text: string): void => {
  const file = join(import.meta.dirname, "README.md")
  const readme = readFileSync(file, "utf8")
  writeFileSync(file, readme.replace(/(?<=<!-- results -->\n)[^]*(?=<!-- end of results -->)/, () => `\n${text}\n\n`))
  execFileSync(join(Consumer.root, "node_modules/.bin/dprint"), ["fmt", file])
}

const server = await Processes.serve([join(import.meta.dirname, "server.ts")])
const consumer = await Consumer.make()
try {
  const reports: Array<Report> = []
  for (const name of options.only.split(",")) {
    const scenario = scenarios[name]
    if (scenario === undefined) throw new Error(`No scenario is called ${name}: ${Object.keys(scenarios).join(", ")}`)
    const report = await scenario({ host: server.host, consumer, node: options.node, isShort: options.short })
    console.log(`${report.text}\n`)
    reports.push(report)
  }
  const marks = Marks.judge(reports.map(({ measured }) => measured), !options.short)
  console.log(`${marks}\n\n${machine}`)
  if (options.write) write([machine, marks, ...reports.map(({ text }) => text)].join("\n\n"))
} finally {
  await server.stop()
  rmSync(consumer, { recursive: true })
}
