/**
 * Runs the packages as they are published where they are said to run, after `pnpm build`, and prints a table:
 * `node scripts/runtimes.ts`.
 *
 * The packed packages are installed into an empty project. There each runtime reads a history from `pcb emulator` over
 * loopback, runs a test on the layer in memory, and runs `pcb`, as far as it can. A runtime that cannot be had is a
 * failure. Those from the registry are kept in `node_modules/.cache/runtimes`; Chromium is the machine's.
 */
import { build } from "esbuild"
import { execFile, spawn } from "node:child_process"
import { EventEmitter, once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import { pack, root } from "./tarballs.ts"

const folder = realpathSync(mkdtempSync(join(tmpdir(), "runtimes-")))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

/** A program, what it has written, and how it ended. It gets nothing of this environment but the path. */
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

/** Runs a program to its end. One that is not there ends with an error code, too. */
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
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}\n${stdout}${stderr}`)
  return stdout
}

// ============================================================================
// What there is to run on
// ============================================================================

const { arch, platform } = process

/** The packages of the registry that bring a runtime as a file, without a script that fetches it. */
const versions = {
  /** Older than what is supported. */
  node18: { name: `node-${platform}-${arch}`, version: "18.20.8" },
  /** The oldest that is supported. */
  node20: { name: `node-${platform}-${arch}`, version: "20.19.0" },
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

/** npm, which is wherever Node is. It needs the settings of this environment to reach the registry, and time. */
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
// The project
// ============================================================================

/** The packages as they are published, the programs as JavaScript, and those of a worker and a page in one file each. */
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
    // From the project, not from the workspace, whose packages are sources.
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

/** Starts `pcb emulator`, and says where it is. It ends with this process. */
const startEmulator = async (): Promise<string> => {
  const args = "emulator --port 0 --cors --speed 0x --seed seed.json".split(" ")
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
// What runs
// ============================================================================

/** What went wrong; empty if nothing did. */
type Outcome = string

const columns = ["history", "memory", "pcb"] as const

type Row = { readonly [_ in typeof columns[number]]?: Outcome }

const outcome = ({ code, stderr, stdout }: Ended, isGood: boolean): Outcome =>
  code === 0 && isGood ? "" : `ended with ${code}\n${stdout.slice(-2000)}${stderr.slice(-2000)}`

/** On a runtime that starts programs. */
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

/** Where `pcb` does not run, it says so in one sentence. */
const onOldNode = async (command: string): Promise<Row> => {
  const { engines } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"))
  const ended = await run(command, [pcb(), "schedule", "list"])
  const sentence = `error: pcb needs Node ${engines.node.replace(">=", "")} or newer; this is Node 18.20.8\n`
  const isGood = ended.code === 1 && ended.stdout === "" && ended.stderr === sentence
  return { pcb: isGood ? "" : outcome(ended, false) }
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
    // It would also be content with nothing to test.
    return outcome(ended, ended.stderr.includes(`[ PASS ] main:${entrypoint}`))
  }
  return { history: await on("history"), memory: await on("memory") }
}

const listen = async (server: Server): Promise<string> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Names under which there is a Chromium on machines. */
const browsers = ["chromium", "chromium-browser", "google-chrome"]

const findBrowser = async (): Promise<{ readonly command: string; readonly version: string }> => {
  const found = await Promise.all(browsers.map((command) => run(command, ["--version"])))
  const position = found.findIndex(({ code }) => code === 0)
  const command = browsers[position]
  if (command !== undefined) return { command, version: /[\d.]+/.exec(found[position]?.stdout ?? "")?.[0] ?? "" }
  throw new Error(`none of ${browsers.join(", ")} is there: apt-get install chromium`)
}

const onBrowser = async (command: string, host: string): Promise<Row> => {
  const results = new EventEmitter()
  const reported = once(results, "row").then(([row]): Row => row)
  const site = createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? "/", "http://localhost")
    if (pathname === "/results") {
      void text(incoming).then((body) => {
        outgoing.end()
        results.emit("row", JSON.parse(body))
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
  const ended = once(browser, "exit").then(() => "ended before it had reported anything")
  const late = new AbortController()
  const outOfTime = once(AbortSignal.any([late.signal, AbortSignal.timeout(60_000)]), "abort").then(() =>
    "took too long"
  )
  const failed = Promise.race([ended, outOfTime]).then((problem): Row => ({ history: problem, memory: problem }))
  const row = await Promise.race([reported, failed])
  late.abort()
  browser.kill()
  await ended
  site.close()
  site.closeAllConnections()
  return row
}

// ============================================================================
// The table
// ============================================================================

const rows: Array<readonly [runtime: string, row: Row]> = []

/** A runtime that cannot be run fails everywhere. */
const add = async (name: string, row: () => Promise<Row>): Promise<void> => {
  rows.push([name, await row().catch((error) => ({ history: String(error), memory: String(error) }))])
}

const label = (key: Installed, name: string) => `${name} ${versions[key].version}`

await Promise.all([installRuntimes(), makeProject()])
const host = await startEmulator()

await add(`${label("node18", "Node")} (too old)`, () => onOldNode(pathOf("node18")))
await add(label("node20", "Node"), () => onProcess(pathOf("node20"), host))
await add(label("node22", "Node"), () => onProcess(pathOf("node22"), host))
await add(label("node24", "Node"), () => onProcess(pathOf("node24"), host))
await add(label("node26", "Node"), () => onProcess(pathOf("node26"), host))
await add(label("bun", "Bun"), () => onProcess(pathOf("bun"), host))
await add(
  label("deno", "Deno"),
  () => onProcess(pathOf("deno"), host, "run", "--quiet", "--no-prompt", "--allow-all", "--no-remote")
)
await add(label("workerd", "workerd"), () => onWorkerd(pathOf("workerd"), host))
const browser = await findBrowser().catch((error) => ({ command: "", version: String(error) }))
await add(`Chromium ${browser.version}`, () => onBrowser(browser.command, host))

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
