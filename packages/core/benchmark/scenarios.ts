/** What is measured. */
import * as Esbuild from "esbuild"
import { writeFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import { root } from "./consumer.ts"
import type { Sample } from "./contender.ts"
import { interleave, time } from "./processes.ts"
import { median } from "./statistics.ts"
import { compare, type Figure, ratio, table, type Values } from "./tables.ts"

/** Something that should hold: a ratio, or a number of a unit. */
export interface Mark {
  readonly title: string
  readonly most: number
  readonly unit: "" | " ms"
  readonly value: number
}

export interface Report {
  readonly text: string
  readonly marks: ReadonlyArray<Mark>
}

interface Setting {
  /** Where the server is. */
  readonly host: string
  /** The project of a user, and the Node it runs on. */
  readonly consumer: string
  readonly node: string
  readonly isShort: boolean
}

type Scenario = (setting: Setting) => Promise<Report>

type Samples = Readonly<Record<string, ReadonlyArray<Sample>>>

/** What everybody is called in the tables. */
const names: Readonly<Record<string, string>> = {
  library: "this library",
  traced: "this library, traced",
  sdk: "SDK",
  bare: "fetch"
}

/** Runs contenders in turns, each in a process of its own. */
const measure = async (
  { consumer, host, node }: Setting,
  rounds: number,
  cases: ReadonlyArray<{ readonly contender: string; readonly scenario: string; readonly size: number }>,
  nameOf: (contender: string, size: number) => string = (contender) => names[contender] ?? contender
): Promise<Samples> => {
  const results = await interleave(
    rounds,
    cases.map(({ contender, scenario, size }) => async () => {
      const { stdout } = await time(node, [join(consumer, "run.js"), contender, scenario, String(size), host])
      const sample: Sample = JSON.parse(stdout)
      return sample
    })
  )
  return Object.fromEntries(cases.map(({ contender, size }, index) => [nameOf(contender, size), results[index] ?? []]))
}

const figure = (
  title: string,
  unit: string,
  samples: Samples,
  baselines: ReadonlyArray<string>,
  pick: (sample: Sample) => number
): Figure => ({
  title,
  unit,
  values: Object.fromEntries(Object.entries(samples).map(([name, samples]) => [name, samples.map(pick)])),
  baselines
})

const timeOf = (samples: Samples) => figure("time", "ms", samples, ["SDK", "fetch"], ({ millis }) => millis)

const cpuOf = (samples: Samples) => figure("CPU", "ms", samples, ["SDK", "fetch"], ({ cpuMillis }) => cpuMillis)

const peakOf = (samples: Samples) => figure("peak", "MiB", samples, [], ({ peakMebibytes }) => peakMebibytes)

const between = ({ values }: Figure, a: string, b: string): number => ratio(values[a] ?? [], values[b] ?? [])

const drain: Scenario = async (setting) => {
  const size = setting.isShort ? 2_000 : 100_000
  const samples = await measure(
    setting,
    setting.isShort ? 1 : 9,
    ["library", "sdk", "bare"].map((contender) => ({ contender, scenario: "drain", size }))
  )
  const times = timeOf(samples)
  return {
    text: `### A history of ${size} rows\n\n${compare([times, cpuOf(samples), peakOf(samples)])}`,
    marks: [
      { title: "drain, × SDK", most: 0.9, unit: "", value: between(times, "this library", "SDK") },
      { title: "drain, × fetch", most: 1.1, unit: "", value: between(times, "this library", "fetch") }
    ]
  }
}

const work: Scenario = async (setting) => {
  const size = setting.isShort ? 500 : 10_000
  const samples = await measure(
    setting,
    setting.isShort ? 1 : 5,
    ["library", "sdk", "bare"].map((contender) => ({ contender, scenario: "work", size }))
  )
  const times = timeOf(samples)
  return {
    text: `### With work to do: ${size} rows, 20 ms for a page to arrive, 20 ms to use it, one page ahead\n\n${
      compare([times, cpuOf(samples)])
    }`,
    marks: [{ title: "drain with work, × SDK", most: 0.6, unit: "", value: between(times, "this library", "SDK") }]
  }
}

const memory: Scenario = async (setting) => {
  const [few, many] = setting.isShort ? [1_000, 2_000] : [10_000, 1_000_000]
  const nameOf = (contender: string, size: number) => `${names[contender]}, ${size} rows`
  const samples = await measure(
    setting,
    setting.isShort ? 1 : 3,
    ["library", "sdk", "bare"].flatMap((contender) =>
      [few, many].map((size) => ({ contender, scenario: "drain", size }))
    ),
    nameOf
  )
  const peaks = peakOf(samples)
  return {
    text: `### Memory\n\n${compare([peaks])}`,
    marks: [{
      title: `peak memory, ${many} rows × ${few}`,
      most: 1.15,
      unit: "",
      value: between(peaks, nameOf("library", many), nameOf("library", few))
    }, {
      title: `peak memory, ${many} rows, × SDK`,
      most: 1,
      unit: "",
      value: between(peaks, nameOf("library", many), nameOf("sdk", many))
    }]
  }
}

const describe: Scenario = async (setting) => {
  const { consumer, host, isShort, node } = setting
  const contenders = ["library", "traced", "sdk", "bare"]
  const size = isShort ? 50 : 5_000
  const warm = await measure(
    setting,
    isShort ? 1 : 7,
    contenders.map((contender) => ({ contender, scenario: "describe", size }))
  )
  const cold = await interleave(
    isShort ? 1 : 15,
    contenders.map((contender) => async () =>
      (await time(node, [join(consumer, "run.js"), contender, "describe", "1", host])).millis
    )
  )
  const p50 = figure("p50", "ms", warm, ["SDK", "fetch"], ({ p50 }) => p50 ?? NaN)
  return {
    text: `### One call, ${size} times in one process\n\n${
      compare([p50, figure("p99", "ms", warm, ["SDK"], ({ p99 }) => p99 ?? NaN), cpuOf(warm), peakOf(warm)])
    }\n\n### One call, from the start of a process to its end\n\n${
      compare([{
        title: "time",
        unit: "ms",
        values: Object.fromEntries(contenders.map((contender, index) => [names[contender] ?? "", cold[index] ?? []])),
        baselines: ["SDK", "fetch"]
      }])
    }`,
    marks: [{ title: "warm call, p50, × SDK", most: 1.25, unit: "", value: between(p50, "this library", "SDK") }]
  }
}

const many: Scenario = async (setting) => {
  const size = setting.isShort ? 5 : 200
  const samples = await measure(
    setting,
    setting.isShort ? 1 : 5,
    ["library", "sdk", "bare"].map((contender) => ({ contender, scenario: "many", size }))
  )
  return {
    text: `### ${size} histories of 500 rows, 16 at a time\n\n${
      compare([timeOf(samples), cpuOf(samples), peakOf(samples)])
    }`,
    marks: []
  }
}

const startUp: Scenario = async ({ host, isShort, node }) => {
  const pcb = join(root, "packages/cli/dist/bin.js")
  const env = { PINECONE_API_KEY: "benchmark-0000", NO_COLOR: "1" }
  // What is no UUID would be looked for by name.
  const history = ["schedule", "history", "00000100-0000-4000-8000-000000000000", "--host", host, "-o", "tsv"]
  const cases: Readonly<Record<string, ReadonlyArray<string>>> = {
    "node -e 0": ["-e", "0"],
    "pcb --version": [pcb, "--version"],
    "pcb --help": [pcb, "--help"],
    "pcb schedule history": [pcb, ...history]
  }
  const results = await interleave(
    isShort ? 1 : 25,
    Object.values(cases).map((args) => async () => (await time(node, args, { env })).millis)
  )
  const values = Object.fromEntries(
    Object.keys(cases).map((name, index): [string, Values] => [name, results[index] ?? []])
  )
  const bare = median(values["node -e 0"] ?? [])
  return {
    text: `### The command line, from the start of the process to its end\n\n${
      compare([{ title: "time", unit: "ms", values, baselines: ["node -e 0"] }])
    }`,
    marks: Object.keys(cases).slice(1).map((name) => ({
      title: `start-up of \`${name}\`, above bare Node`,
      most: 70,
      unit: " ms",
      value: median(values[name] ?? []) - bare
    }))
  }
}

const bundlers: Readonly<Record<string, (file: string) => Promise<string>>> = {
  rolldown: async (input) => {
    const bundle = await rolldown({ input, platform: "browser", external: [...builtinModules, /^node:/] })
    const { output } = await bundle.generate({ format: "esm", minify: true })
    return output.map((part) => part.type === "chunk" ? part.code : "").join("")
  },
  esbuild: async (input) => {
    const { outputFiles } = await Esbuild.build({
      entryPoints: [input],
      bundle: true,
      minify: true,
      platform: "browser",
      format: "esm",
      // The SDK asks for some of them in functions that a history does not call.
      external: [...builtinModules, "node:*"],
      write: false,
      logLevel: "error"
    })
    return outputFiles.map(({ text }) => text).join("")
  }
}

const bundle: Scenario = async ({ consumer }) => {
  const sizes = await Promise.all(
    Object.entries(bundlers).map(async ([bundler, make]) => {
      const size = async (contender: string) =>
        gzipSync(await make(join(consumer, `history.${contender}.js`)), { level: 9 }).length / 1000
      return { bundler, library: await size("library"), sdk: await size("sdk") }
    })
  )
  return {
    text: `### A history in a browser: minified and gzipped, kB\n\n${
      table(
        ["", "this library", "SDK", "× SDK"],
        sizes.map(({ bundler, library, sdk }) => [
          bundler,
          library.toFixed(1),
          sdk.toFixed(1),
          (library / sdk).toFixed(2)
        ])
      )
    }`,
    marks: sizes.filter(({ bundler }) => bundler === "rolldown").map(({ library, sdk }) => ({
      title: "bundle, × SDK",
      most: 0.9,
      unit: "",
      value: library / sdk
    }))
  }
}

const inMemory: Scenario = async ({ consumer, isShort, node }) => {
  const size = isShort ? 100 : 1_000
  const [samples = []] = await interleave(isShort ? 1 : 7, [async () => {
    const { stdout } = await time(node, [join(consumer, "memory.js"), String(size)])
    const sample: Sample = JSON.parse(stdout)
    return sample
  }])
  const perCall = median(samples.map(({ millis }) => millis)) / size
  return {
    text: `### In memory, in a unit test\n\nThe first ${size} calls: ${perCall.toFixed(3)} ms each, ${
      Math.round(1000 / perCall)
    } a second.`,
    marks: [{ title: "a call in memory", most: 0.3, unit: " ms", value: perCall }]
  }
}

const typeCheck: Scenario = async ({ consumer, isShort, node }) => {
  const contenders = ["library", "sdk"]
  for (const contender of contenders) {
    writeFileSync(
      join(consumer, `tsconfig.${contender}.json`),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          module: "NodeNext",
          target: "ES2022",
          noEmit: true,
          skipLibCheck: true,
          types: []
        },
        files: [`history.${contender}.ts`]
      })
    )
  }
  const tsc = join(root, "node_modules/typescript/bin/tsc")
  const results = await interleave(
    isShort ? 1 : 7,
    contenders.map((contender) => async () =>
      (await time(node, [tsc, "-p", join(consumer, `tsconfig.${contender}.json`)])).millis
    )
  )
  return {
    text: `### Type-checking a program that reads a history\n\n${
      compare([{
        title: "time",
        unit: "ms",
        values: Object.fromEntries(
          contenders.map((contender, index) => [names[contender] ?? "", results[index] ?? []])
        ),
        baselines: ["SDK"]
      }])
    }`,
    marks: []
  }
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  drain,
  work,
  memory,
  describe,
  many,
  "start-up": startUp,
  bundle,
  "in-memory": inMemory,
  "type-check": typeCheck
}
