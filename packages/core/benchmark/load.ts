/**
 * Prints how many milliseconds it takes to load this library in a process that has loaded the typed floor: `load`. Modules
 * named as arguments are loaded first.
 */
await import("./client-typed.ts")
for (const name of process.argv.slice(2)) await import(name)
const start = performance.now()
await import("./entries.ts")
console.log(performance.now() - start)
