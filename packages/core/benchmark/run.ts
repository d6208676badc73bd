/**
 * Runs one task of one contender once, and prints the measurements as JSON: `run library drain 100000 URL`. A last word
 * adds a measurement that would disturb the others: `profile` shows where the CPU time goes, `stages` where the time of a
 * page goes, `heap` the largest heap.
 */
import { type Contender, millisPerRow, pageSize, type Sample } from "./contender.ts"
import { profile } from "./profile.ts"
import * as Stages from "./stages.ts"
import { percentile } from "./statistics.ts"

const contenders: Readonly<Record<string, () => Promise<{ readonly make: (host: string) => Contender }>>> = {
  library: () => import("./library.ts"),
  node: () => import("./node.ts"),
  traced: () => import("./traced.ts"),
  sdk: () => import("./sdk.ts"),
  client: () => import("./client.ts"),
  clientNode: () => import("./client-node.ts"),
  typed: () => import("./client-typed.ts"),
  typedNode: () => import("./client-typed-node.ts"),
  typedLoaded: () => import("./client-typed-loaded.ts"),
  bare: () => import("./bare.ts")
}

const run = async (contender: Contender, scenario: string, size: number) => {
  switch (scenario) {
    case "drain":
      return (await contender.drain(`${size}-rows`)).rows
    case "work":
      return (await contender.work(`${size}-rows-20-ms`)).rows
    case "many":
      return (await contender.many(Array.from({ length: size }, (_, index) => `500-rows-${index}`))).rows
    default:
      return contender.describe("00000003-5b1e-4c7d-9a40-000000000001", size)
  }
}

/** Milliseconds between samples of the heap. */
const heapInterval = 20

/** Runs a task and samples the size of the JavaScript heap. */
const withHeap = async <A>(task: () => Promise<A>): Promise<Measured<A>> => {
  let most = 0
  const sample = () => {
    most = Math.max(most, process.memoryUsage().heapTotal)
  }
  const timer = setInterval(sample, heapInterval)
  const result = await task()
  clearInterval(timer)
  sample()
  return { result, heapMebibytes: most / 2 ** 20 }
}

/** The result of a task, and what a mode measured. */
interface Measured<A> extends Pick<Partial<Sample>, "heapMebibytes" | "parts" | "stages"> {
  readonly result: A
}

const main = async ([name = "", scenario = "", size = "", host = "", mode]: ReadonlyArray<string>) => {
  const load = contenders[name]
  if (load === undefined) throw new Error(`No contender is called ${name}`)
  const contender = (await load()).make(host)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const task = () => run(contender, scenario, Number(size))
  const { heapMebibytes, parts, result, stages }: Measured<Awaited<ReturnType<typeof task>>> = mode === "profile"
    ? await profile(task)
    : mode === "stages"
    ? await Stages.measure(task, pageSize * millisPerRow)
    : mode === "heap"
    ? await withHeap(task)
    : { result: await task() }
  const millis = performance.now() - start
  const { system, user } = process.cpuUsage(cpu)
  const sample: Sample = {
    millis,
    cpuMillis: (system + user) / 1000,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
    count: typeof result === "number" ? result : result.length,
    p50: typeof result === "number" ? undefined : percentile(result, 0.5),
    p99: typeof result === "number" ? undefined : percentile(result, 0.99),
    parts,
    stages,
    heapMebibytes
  }
  console.log(JSON.stringify(sample))
}

await main(process.argv.slice(2))
