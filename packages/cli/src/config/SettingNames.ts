/** What can be set for every command. */
import { Problem } from "../output/Problem.ts"

/** The settings, with the variables of the environment that say them too. */
export const variables = {
  "host": "PINECONE_CONTROLLER_HOST",
  "api-version": "PINECONE_API_VERSION",
  "output": "PCB_OUTPUT",
  "time": "PCB_TIME",
  "api-key": "PINECONE_API_KEY",
  "api-key-file": undefined
} as const

/** The name of a setting, in the file and on the command line. */
export type Name = keyof typeof variables

/** The names of all of them. */
// The keys of an object are as many as its type says where it is written out like this one.
export const names = Object.keys(variables) as ReadonlyArray<Name>

/** A mistake in a file: which file, where in it, and what is wrong there. */
export const damaged = (path: string, wrong: string, hint = "mend the file, or take it away") =>
  new Problem({ code: "INVALID_CONFIG", message: `${path}: ${wrong}`, hint, exitCode: 2 })
