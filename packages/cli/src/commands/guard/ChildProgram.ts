/**
 * Runs a program with the standard streams, the environment and the terminal of this process, and passes signals on.
 *
 * `ChildProcessSpawner` would run it in a process group of its own, where it could not read from the terminal, and does not
 * report the signal that ended it.
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ChildProcess, spawn } from "node:child_process"
import { accessSync, constants, readFileSync, statSync } from "node:fs"
import { constants as system } from "node:os"
import { basename, delimiter, join } from "node:path"
import { isatty } from "node:tty"
import * as ExitCode from "../../output/ExitCode.ts"

/** The end of a program. */
export interface End {
  readonly exitCode: number
  /** The signal that ended the program. */
  readonly signal: NodeJS.Signals | null
  /** Whether the program was started. */
  readonly isStarted: boolean
}

export interface Service {
  /**
   * Returns the exit code of a program that certainly cannot be started, so that a typing error is reported before a backup
   * that takes hours.
   */
  readonly check: (words: ReadonlyArray<string>) => Effect.Effect<number | undefined>
  /**
   * Runs a program to its end, with additional environment variables. Cannot be interrupted: signals go to the program, and
   * this process waits for it.
   *
   * A Ctrl-C in a terminal already reaches the program, so it is not passed on. All other signals reach only this process.
   */
  readonly run: (
    words: ReadonlyArray<string>,
    variables: Readonly<Record<string, string>>
  ) => Effect.Effect<End>
}

/** The name of a program without its folder. Arguments can contain secrets, so only this name is ever printed. */
export const nameOf = ([program = ""]: ReadonlyArray<string>): string => basename(program)

const isAbsent = (code: string | undefined): boolean => code === "ENOENT" || code === "ENOTDIR"

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined

const exitCodeOf = (code: string | undefined): number =>
  isAbsent(code) ? ExitCode.programNotFound : ExitCode.notExecutable

/** The exit code if a file cannot be executed. */
const problemOf = (path: string): number | undefined => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile() ? undefined : ExitCode.notExecutable
  } catch (error) {
    return exitCodeOf(codeOf(error))
  }
}

const check: Service["check"] = Effect.fnUntraced(function*([program = ""]: ReadonlyArray<string>) {
  if (process.platform === "win32") return undefined
  if (program.includes("/")) return problemOf(program)
  const path = Option.getOrUndefined(yield* Effect.option(Config.String("PATH")))
  if (path === undefined) return undefined
  const problems = path.split(delimiter).map((folder) => problemOf(join(folder === "" ? "." : folder, program)))
  return problems.includes(undefined)
    ? undefined
    : problems.includes(ExitCode.notExecutable)
    ? ExitCode.notExecutable
    : ExitCode.programNotFound
})

/**
 * Returns `true` if the terminal sends its signals to this process. It then sends them to the program, too, because both
 * are in the foreground process group.
 */
const isInForeground = (): boolean => {
  try {
    // The name of the program, in parentheses, may contain spaces.
    const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /s, "").split(" ")
    return group !== undefined && group === foreground
  } catch {
    // Only Linux has this file.
    return [0, 1, 2].some((fd) => isatty(fd))
  }
}

const signals = ["SIGINT", "SIGTERM"] as const

/** Replaces the handling of signals by this process until the returned function is called. */
const passSignals = (child: ChildProcess): () => void => {
  const pass = (signal: NodeJS.Signals) => {
    if (signal !== "SIGINT" || !isInForeground()) child.kill(signal)
  }
  const previous = signals.map((signal) => {
    const listeners = process.rawListeners(signal)
    process.removeAllListeners(signal)
    process.on(signal, pass)
    return [signal, listeners] as const
  })
  return () => {
    for (const [signal, listeners] of previous) {
      process.removeListener(signal, pass)
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener)
    }
  }
}

const notStarted = (error: unknown): End => ({
  exitCode: exitCodeOf(codeOf(error)),
  signal: null,
  isStarted: false
})

const run: Service["run"] = ([program = "", ...args], variables) =>
  Effect.uninterruptible(Effect.callback<End>((resume) => {
    let child: ChildProcess
    try {
      child = spawn(program, args, {
        stdio: "inherit",
        // Not configuration: the program gets the environment of this process.
        env: { ...process.env, ...variables },
        windowsHide: true
      })
    } catch (error) {
      return resume(Effect.succeed(notStarted(error)))
    }
    const stopPassing = passSignals(child)
    const end = (end: End) => {
      stopPassing()
      resume(Effect.succeed(end))
    }
    child.on("error", (error) => {
      // Also emitted if a signal cannot be sent, while the program continues.
      if (child.pid === undefined) end(notStarted(error))
    })
    child.on("exit", (code, signal) =>
      end({
        exitCode: code ?? 128 + (signal === null ? 0 : system.signals[signal]),
        signal,
        isStarted: true
      }))
  }))

/** Runs programs on this machine. */
export const ChildProgram = Context.Reference<Service>("@pinecone-backups/cli/commands/guard/ChildProgram", {
  defaultValue: () => ({ check, run })
})
