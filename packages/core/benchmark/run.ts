/**
 * Runs one task of one contender once, and prints the measurements as JSON: `run library drain 100000 URL`, with the
 * word `profile` behind it to show where the CPU time goes.
 */
import type { Contender, Sample } from "./contender.ts"
import { profile } from "./profile.ts"
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

const main = async ([name = "", scenario = "", size = "", host = "", mode]: ReadonlyArray<string>) => {
  const load = contenders[name]
  if (load === undefined) throw new Error(`No contender is called ${name}`)
  const contender = (await load()).make(host)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const task = () => run(contender, scenario, Number(size))
  const [result, parts] = mode === "profile" ? await profile(task) : [await task(), undefined]
  const millis = performance.now() - start
  const { system, user } = process.cpuUsage(cpu)
  const sample: Sample = {
    millis,
    cpuMillis: (system + user) / 1000,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
    count: typeof result === "number" ? result : result.length,
    p50: typeof result === "number" ? undefined : percentile(result, 0.5),
    p99: typeof result === "number" ? undefined : percentile(result, 0.99),
    parts
  }
  console.log(JSON.stringify(sample))
}

await main(process.argv.slice(2))
