/**
 * Runs the packages as published on all supported runtimes, and prints a table. Run it with `pnpm runtimes`, which builds
 * the packages first. Needs pnpm on the PATH.
 *
 * Installs the packed packages into an empty project. Each runtime reads a history from `pcb emulator` over loopback, runs a
 * test on the layer in memory, and runs `pcb` if it can. Node.js also runs a restore drill on a file store, or prints that it is
 * too old for one. A missing runtime is a failure. Runtimes from the registry are
 * cached in `node_modules/.cache/runtimes`. Chromium must be installed on the machine.
 */
import { build } from "esbuild"
import { execFile, spawn } from "node:child_process"
import { EventEmitter, once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import { pack, root, temporaryFolder } from "./tarballs.ts"

const folder = temporaryFolder("runtimes-")

/** Starts a program and collects its output. The program gets only the PATH of this environment. */
interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const environment = {
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  PINECONE_API_KEY: "local"
}

const execute = promisify(execFile)

/** Runs a program until it exits. A missing program also returns an error code. */
const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeout?: number } = {}
): Promise<Ended> =>
  execute(command, args, { cwd: folder, env: environment, timeout: 90_000, maxBuffer: 2 ** 26, ...options }).then(
    ({ stderr, stdout }) => ({ code: 0, stdout, stderr }),
    ({ code, message, stderr = "", stdout = "" }) =>
      typeof code === "number" ? { code, stdout, stderr } : { code: 255, stdout, stderr: `${stderr}${message}` }
  )

const must = async (...args: Parameters<typeof run>): Promise<string> => {
  const { code, stderr, stdout } = await run(...args)
  if (code !== 0) throw new Error(`${args[0]} exited with ${code}\n${stdout}${stderr}`)
  return stdout
}

// ============================================================================
// Runtimes
// ============================================================================

const { arch, platform } = process

/** Packages that contain a runtime, without an install script that downloads it. */
const versions = {
  /** Older than supported. */
  node18: { name: `node-${platform}-${arch}`, version: "18.20.8" },
  /** The oldest supported version. */
  node20: { name: `node-${platform}-${arch}`, version: "20.19.0" },
  /** The oldest version with a file store for drills. */
  node2219: { name: `node-${platform}-${arch}`, version: "22.19.0" },
  node22: { name: `node-${platform}-${arch}`, version: "22.23.3" },
  node24: { name: `node-${platform}-${arch}`, version: "24.21.0" },
  node26: { name: `node-${platform}-${arch}`, version: "26.10.0" },
  bun: { name: `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`, version: "1.4.5" },
  deno: { name: `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`, version: "2.9.6" },
  workerd: { name: `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`, version: "1.20261117.1" }
} as const

type Installed = keyof typeof versions

const cache = join(root, "node_modules/.cache/runtimes")

const isNode = (key: Installed) => key.startsWith("node")

const pathOf = (key: Installed): string =>
  join(cache, "node_modules", key, key === "deno" ? "deno" : `bin/${isNode(key) ? "node" : key}`)

/** npm comes with Node.js. It needs the settings of this environment to reach the registry, and a long timeout. */
const npm = (cwd: string, ...packages: ReadonlyArray<string>) =>
  must("npm", [
    "install",
    "--prefix",
    cwd,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    ...packages
  ], {
    cwd,
    env: process.env,
    timeout: 10 * 60_000
  })

const installRuntimes = async (): Promise<void> => {
  const manifest = JSON.stringify({
    private: true,
    dependencies: Object.fromEntries(
      Object.entries(versions).map(([key, { name, version }]) => [key, `npm:${name}@${version}`])
    )
  })
  const file = join(cache, "package.json")
  const keys = Object.keys(versions) as ReadonlyArray<Installed>
  if (existsSync(file) && readFileSync(file, "utf8") === manifest && keys.every((key) => existsSync(pathOf(key)))) {
    return
  }
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  writeFileSync(file, manifest)
  await npm(cache)
}

// ============================================================================
// Project
// ============================================================================

/** Creates the project: the packed packages, the programs as JavaScript, and bundles for the worker and the page. */
const makeProject = async (): Promise<void> => {
  const packed = join(folder, "packed")
  mkdirSync(packed)
  const tarballs = pack(packed).map(({ file }) => file)
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/effect/package.json"), "utf8"))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  await npm(folder, `effect@${version}`, ...tarballs)
  const sources = join(root, "packages/testing/test/runtimes")
  await build({
    entryPoints: [join(sources, "process.ts")],
    outdir: folder,
    bundle: true,
    packages: "external",
    format: "esm",
    target: "node20"
  })
  await build({
    entryPoints: ["worker", "page"].map((name) => join(sources, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2023",
    // Resolves from the project, because the packages of the workspace are sources.
    plugins: [{
      name: "published",
      setup: ({ onResolve, resolve }) =>
        onResolve({ filter: /^[@\w]/ }, ({ kind, path, pluginData }) =>
          pluginData === folder
            ? undefined
            : resolve(path, { kind, resolveDir: folder, pluginData: folder }))
    }]
  })
  writeFileSync(
    join(folder, "seed.json"),
    JSON.stringify({ schedules: [{ id: "nightly", indexName: "docs", runs: 250 }] })
  )
}

const pcb = () => join(folder, "node_modules/@pinecone-backups/cli/dist/bin.js")

/** Starts `pcb emulator` and returns its address. The emulator ends with this process. */
const startEmulator = async (speed: string): Promise<string> => {
  const args = `emulator --port 0 --cors --speed ${speed} --seed seed.json`.split(" ")
  const emulator = spawn(process.execPath, [pcb(), ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "ignore"]
  })
  process.on("exit", () => emulator.kill())
  for await (const chunk of emulator.stdout.setEncoding("utf8")) {
    const [host] = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk) ?? []
    if (host !== undefined) return host
  }
  throw new Error("pcb emulator did not start")
}

// ============================================================================
// Runs
// ============================================================================

/** Error message; empty for a success. */
type Outcome = string

const columns = ["history", "memory", "pcb", "drill"] as const

type Column = typeof columns[number]

type Row = { readonly [_ in Column]?: Outcome }

const outcome = ({ code, stderr, stdout }: Ended, isGood: boolean): Outcome =>
  code === 0 && isGood ? "" : `ended with ${code}\n${stdout.slice(-2000)}${stderr.slice(-2000)}`

/** Runs the programs on a runtime for scripts. */
const onProcess = async (command: string, host: string, ...flags: ReadonlyArray<string>): Promise<Row> => {
  const history = await run(command, [...flags, "process.js", "history", host])
  const memory = await run(command, [...flags, "process.js", "memory"])
  const listed = await run(command, [
    ...flags,
    pcb(),
    "schedule",
    "history",
    "nightly",
    "--host",
    host,
    "--status",
    "ready",
    "-o",
    "id"
  ])
  return {
    history: outcome(history, history.stdout === "250 runs\n"),
    memory: outcome(memory, memory.stdout === "7 backups\n"),
    pcb: outcome(listed, listed.stdout.trimEnd().split("\n").length === 250)
  }
}

/** Checks that `pcb` reports an unsupported runtime in one sentence. */
const onOldNode = async (command: string): Promise<Row> => {
  const { engines } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"))
  const ended = await run(command, [pcb(), "schedule", "list"])
  const sentence = `error: pcb requires Node.js ${engines.node.replace(">=", "")} or later; this is Node.js 18.20.8\n`
  const isGood = ended.code === 1 && ended.stdout === "" && ended.stderr === sentence
  return { pcb: isGood ? "" : outcome(ended, false) }
}

/** Runs a restore drill on a file store of its own. */
const drillOn = async (command: string, host: string): Promise<Outcome> => {
  const env = { ...environment, XDG_STATE_HOME: mkdtempSync(join(folder, "state-")), PINECONE_CONTROLLER_HOST: host }
  const flags = ["--recount-after", "1s", "--max-size", "none", "--index-quota", "none"]
  const ended = await run(command, [pcb(), "drill", "run", "docs", ...flags, "-o", "json"], { env })
  const listed = await run(command, [pcb(), "drill", "list", "-o", "tsv"], { env })
  const isGood = /"outcome": ?"SUCCESSFUL"/.test(ended.stdout) && !/warning/i.test(ended.stderr + listed.stderr) &&
    listed.stdout.includes("SUCCESSFUL")
  return outcome(ended, isGood)
}

/** Checks that a Node.js without a file store says what to do, in one sentence. */
const drillOnOldNode = async (command: string, version: string): Promise<Outcome> => {
  const env = { ...environment, XDG_STATE_HOME: mkdtempSync(join(folder, "state-")) }
  const ended = await run(command, [pcb(), "drill", "run", "docs"], { env })
  const sentence = `error: A file store requires Node 22.19 or newer; this is Node ${version}\n` +
    "  try         update Node, or set PCB_STORE to the URL of a Postgres database\n"
  return ended.code === 2 && ended.stdout === "" && ended.stderr === sentence ? "" : outcome(ended, false)
}

const onWorkerd = async (command: string, host: string): Promise<Row> => {
  const on = async (entrypoint: string): Promise<Outcome> => {
    const file = `${entrypoint}.capnp`
    writeFileSync(
      join(folder, file),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "loopback", network = (allow = ["local"]))
  ]
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "HOST", text = "${host}")],
  globalOutbound = "loopback"
);
`
    )
    const ended = await run(command, ["test", file, `main:${entrypoint}`])
    // The runner also succeeds without tests.
    return outcome(ended, ended.stderr.includes(`[ PASS ] main:${entrypoint}`))
  }
  return { history: await on("history"), memory: await on("memory") }
}

/** Parses the report of a page. Anything else than a report is not a result. */
const rowOf = (body: string): Row => {
  try {
    const json: unknown = JSON.parse(body)
    return typeof json === "object" && json !== null ? json : {}
  } catch {
    return {}
  }
}

const listen = async (server: Server): Promise<string> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Names of Chromium binaries. */
const browsers = ["chromium", "chromium-browser", "google-chrome"]

const findBrowser = async (): Promise<{ readonly command: string; readonly version: string }> => {
  const found = await Promise.all(browsers.map((command) => run(command, ["--version"])))
  const position = found.findIndex(({ code }) => code === 0)
  const command = browsers[position]
  if (command !== undefined) return { command, version: /[\d.]+/.exec(found[position]?.stdout ?? "")?.[0] ?? "" }
  throw new Error(`found none of ${browsers.join(", ")}: run apt-get install chromium`)
}

const onBrowser = async (command: string, host: string): Promise<Row> => {
  const results = new EventEmitter()
  const reported = once(results, "row").then(([row]): Row => row)
  const site = createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? "/", "http://localhost")
    if (pathname === "/results") {
      void text(incoming).then((body) => {
        outgoing.end()
        results.emit("row", rowOf(body))
      })
    } else if (pathname === "/page.js") {
      outgoing.setHeader("content-type", "text/javascript").end(readFileSync(join(folder, "page.js")))
    } else {
      outgoing.setHeader("content-type", "text/html").end("<script type=\"module\" src=\"page.js\"></script>")
    }
  })
  const page = `${await listen(site)}/?host=${host}`
  const browser = spawn(command, [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${mkdtempSync(join(folder, "browser-"))}`,
    "--remote-debugging-port=0",
    page
  ], { env: environment, stdio: "ignore" })
  process.on("exit", () => browser.kill("SIGKILL"))
  const ended = once(browser, "exit").then(() => "exited without reporting anything")
  const late = new AbortController()
  const outOfTime = once(AbortSignal.any([late.signal, AbortSignal.timeout(60_000)]), "abort").then(() =>
    "took too long"
  )
  const failed = Promise.race([ended, outOfTime]).then((problem): Row => ({ history: problem, memory: problem }))
  const row = await Promise.race([reported, failed])
  late.abort()
  browser.kill()
  const stuck = once(AbortSignal.timeout(5_000), "abort").then(() => browser.kill("SIGKILL"))
  await Promise.race([ended, stuck])
  site.close()
  site.closeAllConnections()
  return row
}

// ============================================================================
// Table
// ============================================================================

const rows: Array<readonly [runtime: string, row: Row]> = []

const everywhere: ReadonlyArray<Column> = ["history", "memory"]

/**
 * Runs on a runtime. A required result that is missing counts as a failure, for example if the runtime cannot start or a page
 * does not report.
 */
const add = async (name: string, required: ReadonlyArray<Column>, run: () => Promise<Row>): Promise<void> => {
  const found = await run().catch((error): Row => Object.fromEntries(required.map((column) => [column, String(error)])))
  const row = Object.fromEntries(
    required.map((column) => {
      const outcome: unknown = found[column]
      return [column, typeof outcome === "string" ? outcome : "no outcome reported"]
    })
  )
  rows.push([name, row])
}

const label = (key: Installed, name: string) => `${name} ${versions[key].version}`

await Promise.all([installRuntimes(), makeProject()])
const host = await startEmulator("0x")
const fast = await startEmulator("600x")

const scripted: ReadonlyArray<Column> = ["history", "memory", "pcb"]

/** Runs everything on a version of Node.js with a file store. */
const onNode = async (key: Installed): Promise<Row> => ({
  ...await onProcess(pathOf(key), host),
  drill: await drillOn(pathOf(key), fast)
})

await add(`${label("node18", "Node")} (too old)`, ["pcb"], () => onOldNode(pathOf("node18")))
await add(label("node20", "Node"), columns, async () => ({
  ...await onProcess(pathOf("node20"), host),
  drill: await drillOnOldNode(pathOf("node20"), versions.node20.version)
}))
await add(label("node2219", "Node"), columns, () => onNode("node2219"))
await add(label("node22", "Node"), columns, () => onNode("node22"))
await add(label("node24", "Node"), columns, () => onNode("node24"))
await add(label("node26", "Node"), columns, () => onNode("node26"))
await add(label("bun", "Bun"), scripted, () => onProcess(pathOf("bun"), host))
await add(
  label("deno", "Deno"),
  scripted,
  () => onProcess(pathOf("deno"), host, "run", "--quiet", "--no-prompt", "--allow-all", "--no-remote")
)
await add(label("workerd", "workerd"), everywhere, () => onWorkerd(pathOf("workerd"), host))
const browser = await findBrowser().catch((error) => ({ command: "", version: String(error) }))
await add(`Chromium ${browser.version}`, everywhere, () => onBrowser(browser.command, host))

const cell = (outcome: Outcome | undefined) => outcome === undefined ? "–" : outcome === "" ? "ok" : "FAILED"
const table = [["runtime", ...columns], ...rows.map(([name, row]) => [name, ...columns.map((key) => cell(row[key]))])]
const widths = [0, ...columns.keys()].map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)))

for (const [name, row] of rows) {
  for (const key of columns) {
    if (row[key]) {
      console.error(`${name}, ${key}: ${row[key]}\n`)
      process.exitCode = 1
    }
  }
}
for (const cells of table) {
  console.log(cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join("   ").trimEnd())
}
process.exit()
