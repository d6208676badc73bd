import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import type * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import * as TestClock from "effect/testing/TestClock"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { styleText } from "node:util"
import * as Cli from "../src/Cli.ts"
import * as Connection from "../src/Connection.ts"
import * as Confirmation from "../src/shared/Confirmation.ts"
import * as Program from "../src/shared/Program.ts"
import * as Screen from "../src/terminal/Screen.ts"

// Everything that waits on the test's clock must be loaded before the clock advances: loading takes real time.
await Promise.all([
  import("../src/commands/backup/handler.ts"),
  import("../src/commands/recover/handler.ts"),
  import("../src/commands/restore/handler.ts"),
  import("../src/commands/schedule/history-handler.ts"),
  import("../src/shared/RestoreEstimate.ts")
])

export interface Options {
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The width of standard output, if it is a terminal. */
  readonly columns?: number | undefined
  /** The height of the terminal. Defaults to unlimited. */
  readonly rows?: number | undefined
  /** The width of standard error, if it is a terminal. */
  readonly errorColumns?: number | undefined
  readonly stdin?: string | undefined
  /** The keys to type into prompts: `\r` is Enter. Without keys, prompts are not possible. */
  readonly keys?: string | undefined
  readonly isUnicode?: boolean | undefined
  readonly isColored?: boolean | undefined
  /** The service for all requests, regardless of host. Defaults to the host of the command line. */
  readonly on?: ControlPlane.Service | undefined
  /** Wraps the client of that service. */
  readonly through?:
    | ((service: Layer.Layer<HttpClient.HttpClient>) => Layer.Layer<HttpClient.HttpClient>)
    | undefined
  /** The client for all requests, instead of `on`. */
  readonly transport?: Layer.Layer<HttpClient.HttpClient> | undefined
}

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** The live output on standard error. */
  readonly drawn: string
  /** Both outputs, in order. */
  readonly written: ReadonlyArray<Written>
}

interface Written {
  readonly to: "stdout" | "stderr" | "drawn"
  readonly text: string
}

/** A terminal with typed keys, and Ctrl-C at the end. */
const keyboard = (keys: string, display: (text: string) => void) =>
  Effect.gen(function*() {
    const inputs = [...keys].map((key): Terminal.UserInput => ({
      input: Option.some(key),
      key: { name: key === "\r" ? "return" : key, ctrl: false, meta: false, shift: false }
    }))
    const queue = yield* Queue.unbounded<Terminal.UserInput, Cause.Done>()
    yield* Queue.offerAll(queue, inputs)
    yield* Queue.end(queue)
    return Terminal.make({
      columns: Effect.succeed(80),
      rows: Effect.succeed(24),
      size: Effect.die("questions do not follow the size of the terminal"),
      readInput: Effect.succeed(queue),
      readLine: Effect.die("questions are read key by key"),
      display: (text) => Effect.sync(() => display(text))
    })
  })

/** Starts a command line in this process. A string is split at spaces. */
export const start = Effect.fnUntraced(function*(args: string | ReadonlyArray<string>, options: Options = {}) {
  const { columns, errorColumns, isColored = false, isUnicode = true, keys, on, stdin, through = identity } = options
  const transport = on === undefined
    ? options.transport
    : through(Layer.provide(Emulator.layerMemory, Layer.succeed(ControlPlane.ControlPlane, on)))
  const style: Screen.Service["style"] = (style, text) =>
    isColored ? styleText(style, text, { validateStream: false }) : text
  const written: Array<Written> = []
  const text = (to: Written["to"]) => written.filter((part) => part.to === to).map(({ text }) => text).join("")
  const into = (to: Written["to"]) => () =>
    Sink.forEach((text: string | Uint8Array) => Effect.sync(() => void written.push({ to, text: String(text) })))
  const program = Cli.run(typeof args === "string" ? args.split(" ").filter((arg) => arg !== "") : args).pipe(
    Effect.provideService(Program.Program, { version: "1.2.3" }),
    // The hosts of indexes of the service in memory.
    Effect.provideService(Connection.IndexDomains, on === undefined ? [] : ["invalid"]),
    Effect.provideServiceEffect(
      Confirmation.Keyboard,
      Effect.map(keyboard(keys ?? "", (text) => void written.push({ to: "drawn", text })), Effect.succeed)
    ),
    Effect.provideService(
      Stdio.Stdio,
      Stdio.make({
        args: Effect.succeed([]),
        stdin: stdin === undefined ? Stream.empty : Stream.make(new TextEncoder().encode(stdin)),
        stdout: into("stdout"),
        stderr: into("drawn")
      })
    ),
    Effect.provideService(Console.Console, {
      ...globalThis.console,
      log: (...texts) => void written.push({ to: "stdout", text: `${texts.join(" ")}\n` }),
      error: (...texts) => void written.push({ to: "stderr", text: `${texts.join(" ")}\n` })
    }),
    Effect.provide(Layer.mergeAll(
      NodeServices.layer,
      ConfigProvider.layer(
        ConfigProvider.fromUnknown({
          ...(on !== undefined && { PINECONE_API_KEY: "memory", PINECONE_CONTROLLER_HOST: "http://memory.localhost" }),
          ...options.env
        })
      ),
      Layer.succeed(Screen.Screen, {
        isTerminal: columns !== undefined,
        columns: columns ?? Infinity,
        isErrorTerminal: errorColumns !== undefined,
        errorColumns: errorColumns ?? 80,
        canAsk: keys !== undefined,
        isUnicode,
        style,
        errorStyle: style
      }),
      Layer.succeed(
        Screen.CurrentSize,
        Effect.succeed({ columns: columns ?? Infinity, rows: options.rows ?? Infinity })
      )
    ))
  )
  const begun = yield* Deferred.make<void>()
  const fiber = yield* Effect.forkChild(
    transport === undefined ? program : Effect.provideService(
      program,
      Connection.Transport,
      Layer.effect(
        HttpClient.HttpClient,
        Effect.map(HttpClient.HttpClient, HttpClient.tapRequest(() => Deferred.succeed(begun, undefined)))
      ).pipe(Layer.provide(transport))
    )
  )
  // Before its first request, a command is loading, which takes an unknown amount of real time.
  if (transport !== undefined) yield* Effect.raceFirst(Deferred.await(begun), Fiber.await(fiber))
  return {
    fiber,
    stdout: Effect.sync(() => text("stdout")),
    stderr: Effect.sync(() => text("stderr")),
    drawn: Effect.sync(() => text("drawn")),
    run: Effect.map(Fiber.await(fiber), (exit): Run => ({
      exitCode: Exit.match(exit, {
        onSuccess: () => 0,
        // An interrupt has no error; it simulates Ctrl-C.
        onFailure: () => Option.match(Exit.findErrorOption(exit), { onNone: () => 130, onSome: (e) => e.exitCode })
      }),
      stdout: text("stdout"),
      stderr: text("stderr"),
      drawn: text("drawn"),
      written
    }))
  }
})

/** Runs a command line in this process to its end. */
export const run = (args: string | ReadonlyArray<string>, options?: Options) =>
  Effect.flatMap(start(args, options), ({ run }) => run)

/** Runs a command line in this process to its end, advancing the test's clock whenever nothing else runs. */
export const runFast = Effect.fnUntraced(function*(args: string | ReadonlyArray<string>, options?: Options) {
  const { fiber, run } = yield* start(args, options)
  while (fiber.pollUnsafe() === undefined) {
    yield* Effect.repeat(Effect.yieldNow, { times: 5 })
    yield* TestClock.adjust("100 millis")
  }
  return yield* run
})

/** The arguments of a command line of this program, parsed by a shell. */
export const argumentsOf = (line: string): ReadonlyArray<string> =>
  spawnSync("sh", ["-c", `pcb() { printf '%s\\0' "$@"; }; ${line}`], { encoding: "utf8" }).stdout.split("\0").slice(
    0,
    -1
  )

/** A scoped home directory with files. */
export const home = (
  files: Readonly<Record<string, string>> = {},
  mode = 0o600
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const directory = mkdtempSync(join(tmpdir(), "pcb-"))
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), text, { mode })
      }
      return directory
    }),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )
