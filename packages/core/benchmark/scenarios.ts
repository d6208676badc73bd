/** The scenarios. */
import * as Esbuild from "esbuild"
import { writeFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import { lazy, treeshake } from "../../cli/rolldown.config.ts"
import { root } from "./consumer.ts"
import type { Sample } from "./contender.ts"
import * as Loading from "./loading.ts"
import type { Measured } from "./marks.ts"
import { interleave, serve, time } from "./processes.ts"
import { parts } from "./profile.ts"
import { stages } from "./stages.ts"
import { estimate, exact, median } from "./statistics.ts"
import { compare, difference, type Figure, ratio, table, type Values } from "./tables.ts"

export interface Report {
  readonly text: string
  readonly measured: Measured
}

interface Setting {
  /** URL of the server. */
  readonly host: string
  /** Folder of the user's project, and the Node to run it on. */
  readonly consumer: string
  readonly node: string
  readonly isShort: boolean
}

type Scenario = (setting: Setting) => Promise<Report>

type Samples = Readonly<Record<string, ReadonlyArray<Sample>>>

/** Names in the tables. */
const names = {
  library: "this library",
  node: "this library, on Node",
  traced: "this library, traced",
  client: "only `HttpClient`",
  clientNode: "only `HttpClient`, on Node",
  typed: "typed floor",
  typedNode: "typed floor, on Node",
  typedLoaded: "typed floor, this library loaded",
  sdk: "SDK",
  bare: "fetch"
}

type Contender = keyof typeof names

/** The contenders of most tables. */
const usual: ReadonlyArray<Contender> = ["library", "node", "typed", "typedNode", "sdk", "bare"]

/** The same, with the client alone. */
const all: ReadonlyArray<Contender> = ["library", "node", "typed", "typedNode", "client", "clientNode", "sdk", "bare"]

/** Rows per history where many histories are read. */
const rowsOfMany = 500

/** Runs contenders in turn, each in its own process. */
const measure = async (
  { consumer, host, node }: Setting,
  rounds: number,
  scenario: "drain" | "work" | "many" | "describe",
  size: number,
  contenders: ReadonlyArray<Contender> = usual,
  { flags = [], mode }: { readonly flags?: ReadonlyArray<string>; readonly mode?: "profile" | "stages" | "heap" } = {}
): Promise<Samples> => {
  const count = scenario === "many" ? size * rowsOfMany : size
  const results = await interleave(
    rounds,
    contenders.map((contender) => async () => {
      const args = [...flags, join(consumer, "run.js"), contender, scenario, String(size), host]
      if (mode !== undefined) args.push(mode)
      const { stdout } = await time(node, args)
      const sample: Sample = JSON.parse(stdout)
      if (sample.count !== count) throw new Error(`${args.join(" ")} did ${sample.count} of ${count}`)
      return sample
    })
  )
  return Object.fromEntries(contenders.map((contender, index) => [names[contender], results[index] ?? []]))
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

const peakOf = (samples: Samples, baselines: ReadonlyArray<string> = []) =>
  figure("peak", "MiB", samples, baselines, ({ peakMebibytes }) => peakMebibytes)

const heapOf = (samples: Samples) =>
  figure("heap", "MiB", samples, ["SDK"], ({ heapMebibytes }) => heapMebibytes ?? NaN)

/** Ratios of this library and of its floor to the SDK, over `fetch` and on Node. */
const besideSdk = ({ values }: Figure) => {
  const to = (contender: Contender) => ratio(values[names[contender]] ?? [], values[names.sdk] ?? [])
  return {
    fetch: { value: to("library"), floor: to("typed") },
    node: { value: to("node"), floor: to("typedNode") }
  }
}

const drain: Scenario = async (setting) => {
  const size = setting.isShort ? 2_000 : 100_000
  const samples = await measure(setting, setting.isShort ? 1 : 31, "drain", size, all)
  const times = timeOf(samples)
  return {
    text: `### A history of ${size} rows\n\n${compare([times, cpuOf(samples), peakOf(samples)])}`,
    measured: { drain: besideSdk(times) }
  }
}

/**
 * Reads a history with work to do. The second, longer run shows what the first needs for code that is not compiled. The
 * third shows where the time of a page goes.
 */
const work: Scenario = async (setting) => {
  const report = async (size: number, rounds: number) => {
    const samples = await measure(setting, setting.isShort ? 1 : rounds, "work", size)
    const times = timeOf(samples)
    const text =
      `### With work to do: ${size} rows, 20 ms for a page to arrive, 20 ms to process it, one page ahead\n\n${
        compare([times, cpuOf(samples)])
      }`
    return { text, times }
  }
  const short = await report(setting.isShort ? 500 : 10_000, 15)
  const long = await report(setting.isShort ? 1_000 : 40_000, 3)
  const contenders = ["node", "typedNode"] as const
  const size = setting.isShort ? 500 : 10_000
  const staged = await measure(setting, setting.isShort ? 1 : 9, "work", size, contenders, { mode: "stages" })
  const rows = Object.entries(stages).map(([stage, title]) => [
    title,
    ...contenders.map((contender) =>
      median((staged[names[contender]] ?? []).map(({ stages }) => stages?.[stage as keyof typeof stages] ?? NaN))
        .toFixed(2)
    )
  ])
  const text = `### Where the time of a page goes: ${size} rows, one page ahead, ms\n\n${
    table(["", ...contenders.map((contender) => names[contender])], rows)
  }`
  return { text: [short.text, long.text, text].join("\n\n"), measured: { work: besideSdk(short.times) } }
}

/** Flags that limit the heap, in MiB, so that the peak shows the memory that a program needs. */
const heldDown = ["--max-semi-space-size=2", "--max-old-space-size=40"]

const million: Scenario = async (setting) => {
  const size = setting.isShort ? 1_000 : 1_000_000
  const rounds = setting.isShort ? 1 : 5
  const free = await measure(setting, rounds, "drain", size)
  const held = await measure(setting, rounds, "drain", size, usual, { flags: heldDown, mode: "heap" })
  const report = (samples: Samples, ...more: ReadonlyArray<Figure>) =>
    compare([timeOf(samples), cpuOf(samples), peakOf(samples, ["SDK", "fetch"]), ...more])
  return {
    text: `### A history of ${size} rows\n\n${report(free)}\n\n### A history of ${size} rows with a limited heap: \`${
      heldDown.join(" ")
    }\`\n\n${report(held, heapOf(held))}`,
    measured: {
      million: besideSdk(timeOf(free)),
      peak: besideSdk(peakOf(free)),
      heldPeak: besideSdk(peakOf(held))
    }
  }
}

const describe: Scenario = async (setting) => {
  const { consumer, host, isShort, node } = setting
  const contenders: ReadonlyArray<Contender> = ["library", "node", "traced", ...all.slice(2)]
  const size = isShort ? 50 : 5_000
  const warm = await measure(setting, isShort ? 1 : 15, "describe", size, contenders)
  const p50 = figure("p50", "ms", warm, ["SDK", "fetch"], ({ p50 }) => p50 ?? NaN)
  const started: ReadonlyArray<Contender> = ["library", "node", "traced", "typedLoaded", ...all.slice(2)]
  const results = await interleave(
    isShort ? 1 : 61,
    started.map((contender) => async () => {
      const { millis, stdout } = await time(node, [join(consumer, "run.js"), contender, "describe", "1", host])
      const sample: Sample = JSON.parse(stdout)
      if (sample.count !== 1) throw new Error(`${contender} made ${sample.count} calls`)
      return { ...sample, millis }
    })
  )
  const cold = Object.fromEntries(started.map((contender, index) => [names[contender], results[index] ?? []]))
  return {
    text: `### One call, ${size} times in one process\n\n${
      compare([p50, figure("p99", "ms", warm, ["SDK"], ({ p99 }) => p99 ?? NaN), cpuOf(warm), peakOf(warm)])
    }\n\n### One call, from the start of a process to its end\n\n${
      compare([timeOf(cold), peakOf(cold, ["SDK", "fetch"])])
    }`,
    measured: { warm: besideSdk(p50), cold: besideSdk(timeOf(cold)) }
  }
}

/** So large that Node 24 collects no garbage while it loads this library, which would blur the stages. */
const withoutCollection = "--min-semi-space-size=64"

/** Shows what this library adds to the cold call of the floor, in stages. */
const loading: Scenario = async (setting) => {
  const { consumer, isShort, node } = setting
  const rounds = isShort ? 1 : 31
  const imports = Loading.copy(consumer, "imports")
  const cases = [
    { folder: Loading.copy(consumer, "nothing"), first: [] },
    { folder: Loading.copy(consumer, "files"), first: [] },
    { folder: imports, first: Loading.importsOf(consumer) },
    { folder: imports, first: [] },
    { folder: Loading.copy(consumer, "code"), first: [] },
    { folder: consumer, first: [] }
  ]
  const loads = await interleave(
    rounds,
    cases.map(({ first, folder }) => async () => {
      const { stdout } = await time(node, [withoutCollection, join(folder, "load.js"), ...first])
      return Number(stdout)
    })
  )
  const calls = await measure(setting, rounds, "describe", 1, ["library", "typedLoaded"], {
    flags: [withoutCollection]
  })
  const [nothing = [], own = [], linked = [], complete = [], parsed = [], published = []] = loads
  const millisOf = (contender: Contender) => (calls[names[contender]] ?? []).map(({ millis }) => millis)
  const stages: ReadonlyArray<readonly [name: string, to: Values, from: Values]> = [
    ["finding and linking own files", own, nothing],
    ["finding and linking modules of Effect that are loaded already", linked, own],
    ["loading more modules of Effect", complete, linked],
    ["parsing own code", parsed, complete],
    ["compiling and running it at import", published, parsed],
    ["loading, in all", published, nothing],
    ["connecting and the first call", millisOf("library"), millisOf("typedLoaded")]
  ]
  return {
    text: `### What this library adds to the cold call of the typed floor, ms\n\n${
      table(
        ["", "time", "range"],
        stages.map(([name, to, from]) => {
          const { high, low, value } = difference(to, from)
          return [name, value.toFixed(1), `${low.toFixed(1)} to ${high.toFixed(1)}`]
        })
      )
    }`,
    measured: {}
  }
}

const many: Scenario = async (setting) => {
  const size = setting.isShort ? 5 : 200
  const samples = await measure(setting, setting.isShort ? 1 : 15, "many", size)
  const times = timeOf(samples)
  return {
    text: `### ${size} histories of ${rowsOfMany} rows, 16 at a time\n\n${
      compare([times, cpuOf(samples), peakOf(samples)])
    }`,
    measured: { many: besideSdk(times) }
  }
}

/** The built command line, and its environment. */
const pcb = join(root, "packages/cli/dist/bin.js")
const env = { PINECONE_API_KEY: "benchmark-0000", NO_COLOR: "1" }

/**
 * Bundles the floor of the command line as the command line is bundled, with a start that has Node keep what it
 * compiles. Returns the file to run.
 */
const bundleFloor = async (consumer: string): Promise<string> => {
  const dir = join(consumer, "floor")
  const bundle = await rolldown({
    input: join(import.meta.dirname, "command.ts"),
    platform: "node",
    treeshake,
    plugins: [...lazy]
  })
  await bundle.write({ dir, format: "esm", minify: true, entryFileNames: "command.mjs" })
  const file = join(dir, "start.mjs")
  writeFileSync(
    file,
    "import module from \"node:module\"\nmodule.enableCompileCache?.()\nawait import(\"./command.mjs\")\n"
  )
  return file
}

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

/** Commands by their name in the table, with a check of their output. */
const commands = (host: string, floor: string): Readonly<
  Record<string, { readonly args: ReadonlyArray<string>; readonly isRight: (stdout: string) => boolean }>
> => ({
  "node -e 0": { args: ["-e", "0"], isRight: (stdout) => stdout === "" },
  "pcb --version": { args: [pcb, "--version"], isRight: (stdout) => /^\d+\.\d+\.\d+\n$/.test(stdout) },
  "floor --help": { args: [floor, "--help"], isRight: (stdout) => stdout.includes("floor <subcommand>") },
  "floor history": {
    args: [floor, "history", "00000100-0000-4000-8000-000000000000", "--host", host],
    isRight: (stdout) => linesOf(stdout).length === 100
  },
  "pcb --help": { args: [pcb, "--help"], isRight: (stdout) => stdout.includes("pcb <subcommand>") },
  "pcb schedule history": {
    // An argument that is not a UUID would be looked up by name.
    args: [pcb, "schedule", "history", "00000100-0000-4000-8000-000000000000", "--host", host, "-o", "tsv"],
    // All runs, and no line about a missed run.
    isRight: (stdout) => {
      const lines = linesOf(stdout)
      return lines.length === 100 && lines.every((line) => /^Ready\t.*\tproduct-catalog\tcatalog-nightly-/.test(line))
    }
  }
})

const startUp: Scenario = async ({ consumer, host, isShort, node }) => {
  const cases = commands(host, await bundleFloor(consumer))
  const results = await interleave(
    isShort ? 1 : 25,
    Object.entries(cases).map(([name, { args, isRight }]) => async () => {
      const { millis, stdout } = await time(node, args, { env })
      if (!isRight(stdout)) throw new Error(`${name} printed something unexpected:\n${stdout}`)
      return millis
    })
  )
  const values = Object.fromEntries(
    Object.keys(cases).map((name, index): [string, Values] => [name, results[index] ?? []])
  )
  const aboveBare = (name: string) => difference(values[name] ?? [], values["node -e 0"] ?? [])
  return {
    text: `### The command line, from the start of the process to its end\n\n${
      compare([{ title: "time", unit: "ms", values, baselines: ["node -e 0"] }])
    }`,
    measured: {
      help: { node: { value: aboveBare("pcb --help"), floor: aboveBare("floor --help") } },
      history: { node: { value: aboveBare("pcb schedule history"), floor: aboveBare("floor history") } }
    }
  }
}

/** The checked part of the JSON of `pcb audit`. */
interface Audit {
  readonly status: string
  readonly indexes: ReadonlyArray<{ readonly copies: number }>
}

/** Audits an emulated project in which every index has a good history. */
const auditOnce = async (
  { consumer, node }: Setting,
  size: number,
  options: ReadonlyArray<string> = []
): Promise<
  { readonly millis: number; readonly requests: number; readonly rejected: number; readonly lost: number }
> => {
  const seed = join(consumer, "seed.json")
  const schedules = Array.from({ length: size }, (_, number) => ({
    id: `nightly-${number}`,
    indexName: `index-${number}`,
    expireAfterDays: 365,
    runs: 90
  }))
  writeFileSync(seed, JSON.stringify({ schedules }))
  const quota = ["--quota", String(1_000 * size)]
  let log = ""
  const emulator = await serve([pcb, "emulator", "--port", "0", "--seed", seed, ...quota, ...options], (text) => {
    log += text
  })
  const skip = ["--skip", "untested,no-deletion-protection"]
  const args = [pcb, "audit", "--host", emulator.host, ...quota, ...skip, "-o", "json"]
  const { millis, stdout } = await time(node, args, { env }).finally(emulator.stop)
  const { indexes, status }: Audit = JSON.parse(stdout)
  if (status !== "ok" || indexes.length !== size || indexes.some(({ copies }) => copies !== 90)) {
    throw new Error(`pcb audit printed something unexpected:\n${stdout}`)
  }
  const answers = [...log.matchAll(/^GET (\S+) (\d+|no answer) /gm)].map(([, url = "", status = ""]) => ({
    url,
    status
  }))
  // The audit repeats a request only to retry it, so the last response to each URL is its outcome.
  const last = new Map(answers.map(({ status, url }) => [url, status]))
  return {
    millis,
    requests: last.size,
    rejected: answers.filter(({ status }) => status === "429").length,
    lost: [...last.values()].filter((status) => status !== "200").length
  }
}

const audit: Scenario = async (setting) => {
  const size = setting.isShort ? 3 : 200
  const [free = [], limited = []] = [
    ...await interleave(setting.isShort ? 1 : 5, [() => auditOnce(setting, size)]),
    // The limit makes this take a minute, with little noise.
    [await auditOnce(setting, size, ["--rate-limit", "10/s"])]
  ]
  const row = (name: string, audits: typeof free) => [
    name,
    (median(audits.map(({ millis }) => millis)) / 1000).toFixed(1),
    ...(["requests", "rejected", "lost"] as const).map((count) => String(median(audits.map((audit) => audit[count]))))
  ]
  return {
    text: `### \`pcb audit\` of ${size} indexes with 90 runs each, from the start of the process to its end\n\n${
      table(["", "time, s", "requests", "429s", "not retried"], [
        row("no limit", free),
        row("10 requests a second", limited)
      ])
    }`,
    measured: {
      audit: { node: { value: estimate(free.map(({ millis }) => millis / 1000)) } },
      lost: { node: { value: estimate(limited.map(({ lost }) => lost)) } }
    }
  }
}

/** Output of `assess.js`, in milliseconds. */
interface Assessment {
  readonly first: number
  readonly warm: Values
}

const health: Scenario = async ({ consumer, isShort, node }) => {
  const sizes = isShort ? [10, 20, 30] : [10, 100, 1_000, 10_000]
  const results = await interleave(
    isShort ? 1 : 5,
    sizes.map((size) => async () => {
      const { stdout } = await time(node, [join(consumer, "assess.js"), String(size)])
      const { first, warm }: Assessment = JSON.parse(stdout)
      return { first, warm: median(warm), perIndex: median(warm) / size }
    })
  )
  const rows = sizes.map((size, index) => {
    const assessments = results[index] ?? []
    return {
      size,
      first: assessments.map(({ first }) => first),
      warm: assessments.map(({ warm }) => warm),
      perIndex: assessments.map(({ perIndex }) => perIndex)
    }
  })
  const [few, , thousand] = rows
  return {
    text: `### Health from facts, 90 rows per index\n\n${
      table(
        ["indexes", "first, ms", "warm, ms", "warm, per index, ms"],
        rows.map(({ first, perIndex, size, warm }) => [
          String(size),
          median(first).toFixed(1),
          median(warm).toFixed(1),
          median(perIndex).toFixed(3)
        ])
      )
    }`,
    measured: {
      health: { fetch: { value: estimate((thousand?.warm ?? []).map((millis) => millis / 1000)) } },
      linear: { fetch: { value: ratio(rows.at(-1)?.perIndex ?? [], few?.perIndex ?? []) } }
    }
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
      // The SDK imports some Node.js modules in functions that reading a history does not call.
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
  const { library = NaN, sdk = NaN } = sizes.find(({ bundler }) => bundler === "rolldown") ?? {}
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
    measured: { bundle: { fetch: { value: exact(library / sdk) } } }
  }
}

/** Contenders that read JSON into models. */
const typed: ReadonlyArray<Contender> = ["library", "node", "typed", "typedNode", "sdk"]

/** Shows where the CPU time of tasks goes. */
const profiles: Scenario = async (setting) => {
  const tasks = [
    { title: "A history of 100000 rows", mark: "drain", scenario: "drain", size: 100_000, unit: "ms" },
    { title: "200 histories of 500 rows, 16 at a time", mark: "many", scenario: "many", size: 200, unit: "ms" },
    {
      title: "One call, 20000 times in one process: per call",
      mark: "warm",
      scenario: "describe",
      size: 20_000,
      unit: "µs"
    }
  ] as const
  const texts: Array<string> = []
  const measured: { -readonly [Name in keyof Measured]: Measured[Name] } = {}
  for (const { mark, scenario, size: fullSize, title, unit } of tasks) {
    const size = setting.isShort ? fullSize / 100 : fullSize
    const samples = await measure(setting, setting.isShort ? 1 : 7, scenario, size, typed, { mode: "profile" })
    const valuesOf = (name: Contender, some: ReadonlyArray<(typeof parts)[number]> = parts) =>
      (samples[names[name]] ?? []).map((sample) =>
        some.reduce((sum, part) => sum + (sample.parts?.[part] ?? NaN), 0) * (unit === "µs" ? 1000 / size : 1)
      )
    const othersOf = (name: Contender) =>
      ratio(valuesOf(name, parts.filter((part) => part !== "decoding" && part !== "rest")), valuesOf(name))
    measured[mark] = { fetch: { others: othersOf("library") }, node: { others: othersOf("node") } }
    const rows = typed.map((name) => [
      names[name],
      median(valuesOf(name)).toFixed(0),
      ...parts.map((part) => median(valuesOf(name, [part])).toFixed(0)),
      name === "sdk" ? "" : ratio(valuesOf(name), valuesOf("sdk")).value.toFixed(2),
      name === "library" || name === "node" ? `${(othersOf(name).value * 100).toFixed(0)} %` : ""
    ])
    texts.push(
      `### CPU time by code: ${title}, ${unit}\n\n${
        table(["", "all", ...parts, "× SDK", "without decoding and rest"], rows)
      }`
    )
  }
  return { text: texts.join("\n\n"), measured }
}

const inMemory: Scenario = async ({ consumer, isShort, node }) => {
  const size = isShort ? 100 : 1_000
  const [samples = []] = await interleave(isShort ? 1 : 7, [async () => {
    const { stdout } = await time(node, [join(consumer, "memory.js"), String(size)])
    const sample: Sample = JSON.parse(stdout)
    return sample
  }])
  const perCall = estimate(samples.map(({ millis }) => millis / size))
  return {
    text: `### In memory, in a unit test\n\nThe first ${size} calls: ${perCall.value.toFixed(3)} ms each, ${
      Math.round(1000 / perCall.value)
    } a second.`,
    measured: { inMemory: { fetch: { value: perCall } } }
  }
}

const typeCheck: Scenario = async ({ consumer, isShort, node }) => {
  const contenders = ["library", "sdk"] as const
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
          contenders.map((contender, index) => [names[contender], results[index] ?? []])
        ),
        baselines: ["SDK"]
      }])
    }`,
    measured: {}
  }
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  drain,
  million,
  work,
  describe,
  loading,
  many,
  profiles,
  "start-up": startUp,
  audit,
  health,
  bundle,
  "in-memory": inMemory,
  "type-check": typeCheck
}
