/**
 * Prints how many milliseconds it takes to load this library, in a process that has loaded the typed floor: `load`. With
 * names of modules, they are loaded before that, too.
 */
await import("./client-typed.ts")
for (const name of process.argv.slice(2)) await import(name)
const start = performance.now()
await import("./library.ts")
console.log(performance.now() - start)
