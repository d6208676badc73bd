/**
 * Runs a command with a temporary Postgres server: `node scripts/postgres.ts COMMAND…`. The command gets the URL, including a
 * password, in `PCB_TEST_POSTGRES`. The server listens on loopback. When the command ends, the server is stopped and its data
 * is deleted.
 *
 * Uses Debian's package `postgresql`, or a server on the PATH. Postgres refuses to run as root, so root starts it as the user
 * `postgres` or `nobody`.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const [command, ...args] = process.argv.slice(2)
if (command === undefined) {
  console.error("Usage: node scripts/postgres.ts COMMAND…")
  process.exit(2)
}

/** Folder with the programs of the newest Debian package, which are not on the PATH; empty if none is installed. */
const programs =
  globSync("/usr/lib/postgresql/*/bin").sort((self, that) =>
    Number(/\d+/.exec(that)?.[0]) - Number(/\d+/.exec(self)?.[0])
  )[0] ?? ""

const program = (name: string): string => programs === "" ? name : join(programs, name)

if (spawnSync(program("postgres"), ["--version"]).status !== 0) {
  console.error("Postgres was not found: install the package postgresql")
  process.exit(1)
}

const idOf = (user: string, flag: "-u" | "-g"): number | undefined => {
  const { status, stdout } = spawnSync("id", [flag, user], { encoding: "utf8" })
  return status === 0 ? Number(stdout) : undefined
}

const owner = process.getuid?.() === 0
  ? { uid: idOf("postgres", "-u") ?? idOf("nobody", "-u"), gid: idOf("postgres", "-g") ?? idOf("nobody", "-g") }
  : {}

const folder = mkdtempSync(join(tmpdir(), "pcb-postgres-"))
const data = join(folder, "data")
const password = randomBytes(16).toString("hex")
const passwordFile = join(folder, "password")
writeFileSync(passwordFile, password, { mode: 0o600 })
mkdirSync(data, { mode: 0o700 })
if (owner.uid !== undefined && owner.gid !== undefined) {
  for (const path of [folder, data, passwordFile]) chownSync(path, owner.uid, owner.gid)
}
const options = { ...owner, cwd: folder, env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8" } } as const

const stop = (): void => {
  if (existsSync(join(data, "postmaster.pid"))) {
    spawnSync(program("pg_ctl"), ["-D", data, "-m", "immediate", "-w", "stop"], options)
  }
  rmSync(folder, { recursive: true, force: true })
}

const initdb = ["-D", data, "-U", "pcb", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--no-sync"]
execFileSync(program("initdb"), initdb, { ...options, stdio: ["ignore", "ignore", "inherit"] })
const probe = createServer().listen(0, "127.0.0.1")
await once(probe, "listening")
const { port } = probe.address() as AddressInfo
probe.close()
await once(probe, "close")
const settings = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories='${folder}'`
try {
  execFileSync(program("pg_ctl"), ["-D", data, "-l", join(folder, "log"), "-w", "-o", settings, "start"], {
    ...options,
    stdio: ["ignore", "ignore", "inherit"]
  })
} catch (error) {
  stop()
  throw error
}

const child = spawn(command, args, {
  stdio: "inherit",
  env: { ...process.env, PCB_TEST_POSTGRES: `postgres://pcb:${password}@127.0.0.1:${port}/postgres` }
})
// Forward signals to the command. When it ends, the server is stopped.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
child.on("error", ({ message }) => {
  console.error(message)
  stop()
  process.exit(1)
})
child.on("close", (code) => {
  stop()
  process.exit(code ?? 1)
})
