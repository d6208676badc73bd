/** Processes: one after the other, and the server beside them. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** How long a process takes from its start to its end, in milliseconds, and what it prints. */
export const time = async (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}
): Promise<{ readonly millis: number; readonly stdout: string }> => {
  const start = performance.now()
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(
      command,
      args,
      { ...options, env: { ...process.env, ...options.env } },
      (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}${stderr}`))
    )
  })
  return { millis: performance.now() - start, stdout }
}

/** Takes turns, A B A B, so that what else the machine does meets everybody alike. */
export const interleave = async <A>(
  rounds: number,
  cases: ReadonlyArray<() => Promise<A>>
): Promise<ReadonlyArray<ReadonlyArray<A>>> => {
  const results = cases.map((): Array<A> => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of cases.entries()) {
      results[index]?.push(await run())
    }
  }
  return results
}

/** Starts the server, and says where it is. */
export const startServer = async (): Promise<{ readonly host: string; readonly server: ChildProcess }> => {
  const server = spawn(process.execPath, [join(import.meta.dirname, "server.ts")], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const [host] = await once(createInterface(server.stdout), "line")
  return { host, server }
}
