/** Starts a pager as a program on the terminal of this process. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import type { Writable } from "node:stream"
import type * as Pager from "./Pager.ts"

/**
 * The defaults of git: `less` ends if the text fits on the screen (`F`), passes colors on (`R`), and leaves the text on the
 * screen (`X`).
 */
const defaults = { LESS: "FRX", LV: "-c" }

/** Splits a command line into words, like a shell: quotes and backslashes, but no variables and no pipes. */
export const wordsOf = (commandLine: string): ReadonlyArray<string> =>
  (commandLine.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s\\'"])+/gs) ?? []).map((word) =>
    word.replace(
      /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/gs,
      (_, escaped?: string, single?: string, double?: string) =>
        escaped ?? single ?? (double ?? "").replace(/\\(["\\$`])/g, "$1")
    )
  )

const started = ([program, ...args]: readonly [string, ...Array<string>]) =>
  Effect.callback<ChildProcess & { readonly stdin: Writable } | undefined>((resume) => {
    try {
      const child = spawn(program, args, {
        env: { ...defaults, ...process.env },
        stdio: ["pipe", "inherit", "inherit"]
      })
      child.once("spawn", () => resume(Effect.succeed(child)))
      child.once("error", () => resume(Effect.undefined))
    } catch {
      // A file that is no program, on some systems.
      resume(Effect.undefined)
    }
  })

/**
 * Keeps the command from ending before its pager, which would stay behind without a terminal. The first Ctrl-C interrupts
 * the command, unless it only waits for the pager; all others belong to the pager alone. `less` itself stops a search or a
 * wait on Ctrl-C, and ignores Ctrl-\.
 */
const shield = () => {
  const listeners = process.listeners("SIGINT")
  let isPassed = false
  const onInterrupt = (signal: NodeJS.Signals) => {
    if (isPassed) return
    isPassed = true
    for (const listener of listeners) listener(signal)
  }
  const onQuit = () => {}
  process.on("SIGINT", onInterrupt)
  process.on("SIGQUIT", onQuit)
  for (const listener of listeners) process.off("SIGINT", listener)
  return {
    close: () => {
      isPassed = true
    },
    remove: () => {
      for (const listener of listeners) process.on("SIGINT", listener)
      process.off("SIGINT", onInterrupt)
      process.off("SIGQUIT", onQuit)
    }
  }
}

/**
 * Starts the pager in `PCB_PAGER`, else `PAGER`, else `less`. Returns `undefined` if the value is empty or `cat`, or if the
 * program cannot be started.
 */
export const start = Effect.gen(function*() {
  // `Config` would read an empty value, which means no pager, as unset.
  const { PAGER, PCB_PAGER } = process.env
  const [program, ...args] = wordsOf(PCB_PAGER ?? PAGER ?? "less")
  if (program === undefined || program === "cat") return undefined
  const child = yield* started([program, ...args])
  if (child === undefined) return undefined
  const { close, remove } = shield()
  const exited = Deferred.makeUnsafe<void>()
  const gone = Deferred.makeUnsafe<void>()
  child.once("exit", () => {
    remove()
    Deferred.doneUnsafe(exited, Effect.void)
    Deferred.doneUnsafe(gone, Effect.void)
  })
  // A pager that is quit early closes the pipe. That is no error.
  child.stdin.on("error", () => Deferred.doneUnsafe(gone, Effect.void))
  const pager: Pager.Pager = {
    write: (text) => Effect.callback((resume) => void child.stdin.write(text, () => resume(Effect.void))),
    add: (text) => void child.stdin.write(text),
    gone: Deferred.await(gone),
    end: Effect.uninterruptible(Effect.suspend(() => {
      close()
      child.stdin.end()
      return Deferred.await(exited)
    }))
  }
  return pager
})
