/** Entry point on runtimes for scripts: `process.js history HOST` and `process.js memory`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Programs from "./programs.ts"

const [, , what, host = ""] = process.argv

// On all of these runtimes, a rejected promise ends the process with a nonzero exit code.
void Effect.runPromise(
  Effect.flatMap(what === "history" ? Programs.history(host) : Programs.memory, (result) => Console.log(result))
)
