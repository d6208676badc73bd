/** Samples the call stack while a task runs, and sums up where its CPU time goes. */
import { existsSync, readFileSync } from "node:fs"
import { type Profiler } from "node:inspector"
import { Session } from "node:inspector/promises"
import { SourceMap } from "node:module"
import { fileURLToPath } from "node:url"

/** Who runs: the last name is for code of the benchmark itself. */
export const parts = ["JSON.parse", "Node.js", "GC", "Effect", "decoding", "rest", "loop"] as const

/** Milliseconds per part. */
export type Parts = Readonly<Record<(typeof parts)[number], number>>

/** Every contender parses JSON in a function with one of these names, which does nothing else. */
const parsers = ["parseJson", "parseJSONFromBytes"]

/** The modules of this library and of the SDK that turn JSON into models. */
const decoders =
  /\/src\/(internal\/codec\/|(Backup(Run|Schedule)?|IndexSchema|PineconeIndex|RestoreJob)\.ts)|\/db_control\/models\//

const maps = new Map<string, SourceMap | undefined>()

/** The module that has a function. A file of this library has several. */
const moduleOf = ({ columnNumber, lineNumber, url }: Profiler.ProfileNode["callFrame"]): string => {
  if (!maps.has(url)) {
    const file = `${fileURLToPath(url)}.map`
    maps.set(url, existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : undefined)
  }
  const entry = maps.get(url)?.findEntry(lineNumber, columnNumber)
  return entry && "originalSource" in entry ? entry.originalSource : url
}

/** `undefined` for time without CPU. */
const partOf = (frame: Profiler.ProfileNode["callFrame"]): keyof Parts | undefined => {
  const { functionName, url } = frame
  if (functionName === "(idle)") return undefined
  if (functionName === "(garbage collector)") return "GC"
  if (parsers.includes(functionName)) return "JSON.parse"
  // Native functions and system calls have no URL. Nearly all of them are for the network.
  if (url === "" || /^(node|wasm):|\/@effect\/platform-node/.test(url)) return "Node.js"
  if (/\/@pinecone-(backups|database)\//.test(url)) return decoders.test(moduleOf(frame)) ? "decoding" : "rest"
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
