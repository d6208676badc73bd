/** Runs processes one after another, and a server alongside them. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"

/** Runs a process, and returns its duration in milliseconds and its standard output. */
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

/** Alternates between the cases, A B A B, so that other load on the machine affects them equally. */
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

/** A server in its own process. */
export interface Server {
  readonly host: string
  /** Stops the process and waits until all of its output is read. */
  readonly stop: () => Promise<void>
}

/** Starts a server and waits until it prints its address. Forwards its standard error, to ours by default. */
export const serve = async (
  args: ReadonlyArray<string>,
  onError: (text: string) => void = (text) => process.stderr.write(text)
): Promise<Server> => {
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
  const closed = once(server, "close")
  server.stderr.setEncoding("utf8").on("data", onError)
  const [line] = await Promise.race([
    once(createInterface(server.stdout), "line"),
    closed.then(() => {
      throw new Error(`${args.join(" ")} exited before it printed an address`)
    })
  ])
  const [host] = /http:\/\/[\d.:]+/.exec(line) ?? []
  if (host === undefined) throw new Error(`${args.join(" ")} did not print an address: ${line}`)
  return {
    host,
    stop: async () => {
      server.kill()
      await closed
    }
  }
}
