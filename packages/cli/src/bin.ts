#!/usr/bin/env node
import module, { createRequire } from "node:module"

const { version } = createRequire(import.meta.url)("../package.json") as { readonly version: string }

const [first, second] = process.argv.slice(2)

if (second === undefined && (first === "--version" || first === "-V")) {
  // Not worth loading everything else for.
  process.stdout.write(`${version}\n`)
} else {
  // Node 22.8 and newer keep what they have compiled for the next time, so that it has to be imported after this.
  module.enableCompileCache?.()

  const { main } = await import("./main.ts")
  main(version)
}
