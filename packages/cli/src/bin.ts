#!/usr/bin/env node
import module, { createRequire } from "node:module"

const { engines, version } = createRequire(import.meta.url)("../package.json") as {
  readonly version: string
  readonly engines: { readonly node: string }
}

const oldest = engines.node.replace(/^>=/, "")

let unwritten = 1

// A reader that has seen enough, `| head`, closes the pipe: nothing went wrong by that. A full disk is another matter.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode)
  // Importing it loads much else, also where nothing goes wrong.
  process.getBuiltinModule("node:fs").writeSync(process.stderr.fd, `error: cannot write the result: ${error.message}\n`)
  process.exit(unwritten)
})

const [first, second] = process.argv.slice(2)

const isAudit = process.argv.includes("audit") || process.argv.includes("check")

const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number)
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < oldestMajor || major === oldestMajor && minor < oldestMinor) {
  // Older versions fail while the rest is loaded, and print the minified line that they fail in.
  process.stderr.write(`error: pcb needs Node ${oldest} or newer; this is Node ${process.versions.node}\n`)
  // To a monitoring system, an audit that could not run is unknown.
  process.exitCode = isAudit ? 3 : 1
} else if (second === undefined && (first === "--version" || first === "-V")) {
  // Not worth loading everything else for.
  process.stdout.write(`${version}\n`)
} else {
  // An audit that a signal ends has to say so, also while it is being loaded. Other commands just end.
  const signals = isAudit ? ["SIGINT", "SIGTERM"] as const : []
  let early: NodeJS.Signals | undefined
  const note = (signal: NodeJS.Signals) => {
    // The second one does not wait for anything.
    if (early !== undefined) process.exit(signal === "SIGINT" ? 130 : 143)
    early = signal
  }
  for (const signal of signals) process.on(signal, note)

  // Node 22.8 and newer keep what they have compiled for the next time, so that it has to be imported after this.
  module.enableCompileCache?.()

  const { main } = await import("./main.ts")
  for (const signal of signals) process.off(signal, note)
  main(
    { version },
    (exitCode) => {
      unwritten = exitCode
    },
    early
  )
}
