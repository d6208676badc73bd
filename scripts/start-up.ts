/**
 * Fails if the built command line takes too long to start: `node scripts/start-up.ts [NODE]`, after `pnpm build`.
 *
 * The commands take turns, so that other load on the machine affects them equally, and the result is the median. The
 * limits are for a busy machine. `packages/core/benchmark/README.md` has results of an idle machine. A test of the
 * command line checks which files are loaded.
 */
import { execFileSync } from "node:child_process"
import { join } from "node:path"

const rounds = 20
const [node = process.execPath] = process.argv.slice(2)
const pcb = join(import.meta.dirname, "..", "packages", "cli", "dist", "bin.js")

const cases = { bare: ["-e", "0"], version: [pcb, "--version"], help: [pcb, "--help"] }

const millis = (args: ReadonlyArray<string>): number => {
  const start = performance.now()
  execFileSync(node, args, { stdio: "ignore" })
  return performance.now() - start
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

const round = () => ({ bare: millis(cases.bare), version: millis(cases.version), help: millis(cases.help) })

// The first run fills the caches.
round()
const results = Array.from({ length: rounds }, round)

/**
 * Limits: milliseconds above bare Node.js, which is the design goal, and a multiple of bare Node.js, which varies less
 * with load.
 */
const checks = [
  {
    what: "pcb --version, above bare Node, ms",
    value: median(results.map(({ version }) => version)) - median(results.map(({ bare }) => bare)),
    most: 100
  },
  // 3 on an idle machine, up to 4.3 on a busy machine. A test checks the exact size of the loaded files.
  { what: "pcb --help, × bare Node", value: median(results.map(({ bare, help }) => help / bare)), most: 6 }
]

for (const { most, value, what } of checks) {
  console.log(`${what}: ${value.toFixed(1)} (maximum ${most})`)
  if (!(value <= most)) process.exitCode = 1
}
