/** On runtimes that start programs: `process.js history HOST` and `process.js memory`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Programs from "./programs.ts"

const [, , what, host = ""] = process.argv

// A promise that is rejected ends the process with another code than 0, on all of them.
void Effect.runPromise(
  Effect.flatMap(what === "history" ? Programs.history(host) : Programs.memory, (result) => Console.log(result))
)
