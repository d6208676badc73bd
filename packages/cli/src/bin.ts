#!/usr/bin/env node
import module from "node:module"

// Node 22.8 and newer keep what they have compiled for the next time, so that it has to be imported after this.
module.enableCompileCache?.()

const { main } = await import("./main.ts")
main()
