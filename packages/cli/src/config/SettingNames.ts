/** The names of the settings that hold for every command, and of the environment variables for them. */

/** The settings, with the variables of the environment that say them too. */
export const variables = {
  "host": "PINECONE_CONTROLLER_HOST",
  "insecure-http": "PINECONE_ALLOW_INSECURE_HOST",
  "api-version": "PINECONE_API_VERSION",
  "output": "PCB_OUTPUT",
  "time": "PCB_TIME",
  "store": "PCB_STORE",
  "api-key": "PINECONE_API_KEY",
  "api-key-file": undefined
} as const

/** The name of a setting, in the file and on the command line. */
export type Name = keyof typeof variables

/** The names of all of them. */
// The keys of an object are as many as its type says where it is written out like this one.
export const names = Object.keys(variables) as ReadonlyArray<Name>
