/** Samples the call stack while a task runs, and sums up where its CPU time goes. */
import { type Profiler } from "node:inspector"
import { Session } from "node:inspector/promises"

/** Who runs: the last name is for code of the benchmark itself. */
export const parts = ["JSON.parse", "Node.js", "GC", "Effect", "decoding", "rest", "loop"] as const

/** Milliseconds per part. */
export type Parts = Readonly<Record<(typeof parts)[number], number>>

/** Every contender parses JSON in a function with one of these names, which does nothing else. */
const parsers = ["parseJson", "parseJSONFromBytes"]

/** The modules of this library and of the SDK that turn JSON into models. */
const decoders =
  /core\/dist\/(internal\/codec\/|(Backup(Run|Schedule)?|IndexSchema|PineconeIndex|RestoreJob)\.js)|\/db_control\/models\//

/** `undefined` for time without CPU. */
const partOf = ({ functionName, url }: Profiler.ProfileNode["callFrame"]): keyof Parts | undefined => {
  if (functionName === "(idle)") return undefined
  if (functionName === "(garbage collector)") return "GC"
  if (parsers.includes(functionName)) return "JSON.parse"
  // Native functions and system calls have no URL. Nearly all of them are for the network.
  if (url === "" || /^(node|wasm):|\/@effect\/platform-node/.test(url)) return "Node.js"
  if (/\/@pinecone-(backups|database)\//.test(url)) return decoders.test(url) ? "decoding" : "rest"
  return url.includes("/effect/dist/") ? "Effect" : "loop"
}

/** Microseconds between samples. More samples would slow the task down more. */
const interval = 200

/** Runs a task and returns its result and the parts of its time. */
export const profile = async <A>(task: () => Promise<A>): Promise<{ readonly result: A; readonly parts: Parts }> => {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.setSamplingInterval", { interval })
  await session.post("Profiler.start")
  const result = await task()
  const { profile: { nodes, samples = [], timeDeltas = [] } } = await session.post("Profiler.stop")
  session.disconnect()
  const partOfNode = new Map(nodes.map(({ callFrame, id }) => [id, partOf(callFrame)]))
  const sums = Object.fromEntries(parts.map((part) => [part, 0])) as Record<keyof Parts, number>
  samples.forEach((id, index) => {
    const part = partOfNode.get(id)
    if (part !== undefined) sums[part] += (timeDeltas[index] ?? 0) / 1000
  })
  return { result, parts: sums }
}
