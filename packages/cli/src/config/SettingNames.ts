/** The names of settings and of their environment variables. */

/** The settings and their environment variables. */
export const variables = {
  "host": "PINECONE_CONTROLLER_HOST",
  "insecure-http": "PINECONE_ALLOW_INSECURE_HOST",
  "api-version": "PINECONE_API_VERSION",
  "output": "PCB_OUTPUT",
  "time": "PCB_TIME",
  "store": "PCB_STORE",
  "policy": undefined,
  "api-key": "PINECONE_API_KEY",
  "api-key-file": undefined
} as const

/** The name of a setting in the file and on the command line. */
export type Name = keyof typeof variables

/** The names of all settings. */
// The cast is safe for an object literal: it has exactly the keys of its type.
export const names = Object.keys(variables) as ReadonlyArray<Name>
