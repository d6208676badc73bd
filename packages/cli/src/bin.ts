#!/usr/bin/env node
import manifest from "../package.json" with { type: "json" }

const oldest = manifest.engines.node.replace(/^>=/, "")

let unwritten = 1

// A closed pipe, as in `| head`, is not an error. A full disk is.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode)
  // An import would load more modules on every start.
  process.getBuiltinModule("node:fs").writeSync(process.stderr.fd, `error: cannot write the result: ${error.message}\n`)
  process.exit(unwritten)
})

const [first, second] = process.argv.slice(2)

const end = process.argv.indexOf("--")
const own = end === -1 ? process.argv : process.argv.slice(0, end)
const isAudit = own.includes("audit") || own.includes("check")
const isGuard = own.includes("guard")

const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number)
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < oldestMajor || major === oldestMajor && minor < oldestMinor) {
  // Older versions would fail while loading the bundle and print a minified line.
  process.stderr.write(`error: pcb requires Node.js ${oldest} or later; this is Node.js ${process.versions.node}\n`)
  // Monitoring systems read exit code 3 as unknown. 125 means that the command of a guard was not run.
  process.exitCode = isGuard ? 125 : isAudit ? 3 : 1
} else if (second === undefined && (first === "--version" || first === "-V")) {
  // Avoids loading the whole program.
  process.stdout.write(`${manifest.version}\n`)
} else {
  // An audit prints an unknown status when a signal ends it, even while it is loading, and a guard exits with 125. Other
  // commands just end.
  const signals = isAudit || isGuard ? ["SIGINT", "SIGTERM"] as const : []
  let early: NodeJS.Signals | undefined
  const note = (signal: NodeJS.Signals) => {
    // A second signal exits immediately.
    if (early !== undefined) process.exit(isGuard ? 125 : signal === "SIGINT" ? 130 : 143)
    early = signal
  }
  for (const signal of signals) process.on(signal, note)

  // Node.js 22.8 and later cache compiled modules. The import must follow this call.
  process.getBuiltinModule("node:module").enableCompileCache?.()

  // Not awaited: the bundler makes fewer files if no module waits at its top level.
  void import("./main.ts").then(({ main }) => {
    for (const signal of signals) process.off(signal, note)
    main(
      { version: manifest.version },
      (exitCode) => {
        unwritten = exitCode
      },
      early
    )
  })
}
