import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { inject } from "vitest"

const bin = inject("pcb")

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Stops reading standard output after this many characters, and closes the pipe. */
  readonly closeAfter?: number
  /** Starts reading standard output after this many milliseconds. */
  readonly readAfter?: number
  /** Closes standard error before anything is written to it. */
  readonly closeStderr?: boolean
  /** The content of standard input. Empty by default. */
  readonly stdin?: string
  /** The working directory. Defaults to that of the tests. */
  readonly cwd?: string
  /** Sends a signal after this text appears on standard error, and again immediately to send it twice. */
  readonly signal?: { readonly on: string; readonly signal: NodeJS.Signals; readonly isTwice?: boolean }
}

/** Runs the command line as a process, with an environment independent of the caller's. */
export const pcb = (args: ReadonlyArray<string>, options: RunOptions = {}): Effect.Effect<Run> =>
  Effect.callback((resume) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", ...options.env },
      stdio: ["pipe", "pipe", "pipe"]
    })
    // Closing the input early is not an error.
    child.stdin.on("error", () => {}).end(options.stdin ?? "")
    let stdout = ""
    let stderr = ""
    child.stdout.pause().on("data", (chunk) => {
      stdout += chunk
      if (options.closeAfter !== undefined && stdout.length >= options.closeAfter) child.stdout.destroy()
    })
    const timer = setTimeout(() => child.stdout.resume(), options.readAfter ?? 0)
    if (options.closeStderr === true) child.stderr.destroy()
    child.stderr.on("data", (chunk) => {
      stderr += chunk
      // Send it once: a second signal exits immediately.
      if (options.signal !== undefined && !child.killed && stderr.includes(options.signal.on)) {
        child.kill(options.signal.signal)
        if (options.signal.isTwice === true) child.kill(options.signal.signal)
      }
    })
    child.on("exit", () => {
      clearTimeout(timer)
      child.stdout.resume()
    })
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Runs a line of bash, with `pcb` as the command line. */
export const shell = (line: string, env: Readonly<Record<string, string>> = {}, cwd?: string): Effect.Effect<Run> =>
  Effect.callback((resume) => {
    const child = spawn("bash", ["--norc", "-c", `pcb() { "$NODE" "$BIN" "$@"; }; ${line}`], {
      cwd,
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", NODE: process.execPath, BIN: bin, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => stdout += chunk)
    child.stderr.on("data", (chunk) => stderr += chunk)
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** A handwritten server that is independent of this project, and the requests it receives. */
export const serve = (
  respond: (request: IncomingMessage, response: ServerResponse) => void
): Effect.Effect<{ readonly host: string; readonly requests: Queue.Queue<IncomingMessage> }, never, Scope.Scope> =>
  Effect.gen(function*() {
    const requests = yield* Queue.unbounded<IncomingMessage>()
    const server = yield* Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((request, response) => {
          Queue.offerUnsafe(requests, request)
          // The test controls the time.
          response.sendDate = false
          respond(request, response)
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
  })

/** A command that runs until it is stopped. */
export interface Running {
  /** The output so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Stops the command with a signal, and returns its exit and the time it took. */
  readonly end: (signal: NodeJS.Signals) => Effect.Effect<Run & { readonly millis: number }>
}

/** Starts the command line as a process and waits for its first line on standard output. */
export const start = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [bin, ...args], {
          env: { PATH: process.env.PATH, LANG: "C.UTF-8", ...env },
          stdio: ["ignore", "pipe", "pipe"]
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => stdout += chunk)
    child.stderr.on("data", (chunk) => stderr += chunk)
    yield* Effect.callback<void>((resume) => {
      child.stdout.on("data", () => stdout.includes("\n") && resume(Effect.void))
    })
    return {
      stdout: () => stdout,
      stderr: () => stderr,
      end: (signal) =>
        Effect.callback((resume) => {
          const start = performance.now()
          child.on("close", (code) => {
            resume(Effect.succeed({ code, stdout, stderr, millis: performance.now() - start }))
          })
          child.kill(signal)
        })
    }
  })
