/**
 * A file that one process has at a time, and that is replaced whole or not at all: what the state of an emulator is kept
 * in.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

// ============================================================================
// Errors
// ============================================================================

/**
 * A file that somebody else has, or may have: nothing was changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class FileInUse extends Data.TaggedError("FileInUse")<{
  readonly path: string
  /** The file that says who has it. Deleting it by hand releases the file. */
  readonly lock: string
  /** Who has it: `process 4711`, `process 4711 of build-7`, `process 4711 of another container on build-7`. */
  readonly owner: string
}> {
  override get message(): string {
    return `${this.path} is in use by ${this.owner}`
  }
}

/**
 * A path at which no file can be replaced: nothing was changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnusableFile extends Data.TaggedError("UnusableFile")<{
  readonly path: string
  /** What is wrong with it: `is a directory, not a file`. */
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}

/**
 * Why a file cannot be had or replaced.
 *
 * @category errors
 * @since 0.1.0
 */
export type OwnedFileError = FileInUse | UnusableFile | PlatformError.PlatformError

// ============================================================================
// Processes
// ============================================================================

/**
 * What there is to know of the processes of this machine.
 *
 * @category models
 * @since 0.1.0
 */
export interface Processes {
  /** The name of this machine. */
  readonly host: string
  /** The id of this process. */
  readonly pid: number
  /** Whether a process of this machine is running. What cannot be told counts as running. */
  readonly isRunning: (pid: number) => boolean
}

/** What Node, Bun and Deno say of themselves. */
interface Runtime {
  readonly pid: number
  readonly kill: (pid: number, signal: 0) => unknown
  readonly getBuiltinModule?: (name: "node:os") => { readonly hostname: () => string } | undefined
}

const isRuntime = (value: unknown): value is Runtime =>
  Predicate.hasProperty(value, "pid") && Predicate.isNumber(value.pid) &&
  Predicate.hasProperty(value, "kill") && Predicate.isFunction(value.kill)

const isNoProcess = (cause: unknown): boolean => Predicate.hasProperty(cause, "code") && cause.code === "ESRCH"

const processesOf = (runtime: unknown): Processes =>
  isRuntime(runtime)
    ? {
      host: Option.getOrElse(
        Option.liftThrowable(() => runtime.getBuiltinModule?.("node:os")?.hostname() ?? "")(),
        () => ""
      ),
      pid: runtime.pid,
      isRunning: (pid) => {
        try {
          runtime.kill(pid, 0)
          return true
        } catch (cause) {
          // One of somebody else must not be asked, and is there.
          return !isNoProcess(cause)
        }
      }
    }
    : { host: "", pid: 0, isRunning: () => true }

/**
 * The processes of this machine, as Node, Bun or Deno tell. Where there is none of them, every other process counts as
 * running.
 *
 * @category services
 * @since 0.1.0
 */
export const Processes = Context.Reference<Processes>("@pinecone-backups/testing/OwnedFile/Processes", {
  defaultValue: () => processesOf(Reflect.get(globalThis, "process"))
})

/**
 * When a process was started, in the words of the system, and whether it still runs. Only Linux tells; a number that was
 * given to another process is recognized by it.
 */
const startOf = (fs: FileSystem.FileSystem, pid: number) =>
  Effect.map(Effect.option(fs.readFileString(`/proc/${pid}/stat`)), (text) => {
    // The name of the program comes before, in parentheses, and may have any character in it.
    const fields = Option.getOrElse(text, () => "").replace(/^.*\)\s*/s, "").split(" ")
    const [state = "", started = ""] = [fields[0], fields[19]]
    return started === "" ? undefined : { started, isOver: /^[ZX]/i.test(state) }
  })

// ============================================================================
// Locks
// ============================================================================

/** Contents of a lock file: process, host and a one-time token. */
const Owner = Schema.fromJsonString(Schema.Struct({
  host: Schema.String,
  // What tells containers of one host apart, whose process ids mean different processes. Only Linux has it.
  pidNamespace: Schema.NullOr(Schema.String),
  pid: Schema.Int,
  started: Schema.NullOr(Schema.String),
  // It becomes a part of a path.
  token: Schema.String.check(Schema.isPattern(/^[\da-f-]{36}$/))
}))

type Owner = typeof Owner.Type

const decodeOwner = Schema.decodeOption(Owner)

const isReason = (tag: PlatformError.PlatformError["reason"]["_tag"]) => (error: PlatformError.PlatformError) =>
  error.reason._tag === tag

const encoder = new TextEncoder()

/** The text of a file, if it is there. */
const readIfThere = (fs: FileSystem.FileSystem, path: string) =>
  Effect.catchIf(fs.readFileString(path), isReason("NotFound"), () => Effect.undefined)

/**
 * Locks of files, held by one process. There is no lock in JavaScript that ends with its process, so that of one that
 * crashed is taken over: by the process that creates the claim on that lock, which is a lock itself, and may be taken over like
 * any other. Only who has the claim replaces the lock, by renaming the claim, and looks before whether the lock is still
 * the one that was claimed. So a lock always has one owner, however many processes want it at once.
 */
const makeLocks = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  const { host, isRunning, pid } = yield* Processes
  const pidNamespace = Option.getOrNull(yield* Effect.option(fs.readLink("/proc/self/ns/pid")))
  const own: Owner = {
    host,
    pidNamespace,
    pid,
    started: (yield* startOf(fs, pid))?.started ?? null,
    token: yield* Effect.sync(() => crypto.randomUUID())
  }
  const text = yield* Effect.orDie(Schema.encodeEffect(Owner)(own))

  /** Whether the process id of a lock means a process that can be seen from here. */
  const isNear = (owner: Owner): boolean => owner.host === host && owner.pidNamespace === pidNamespace

  /** Whether the process of a lock is certainly gone. Of another machine or container nothing is certain. */
  const isGone = Effect.fnUntraced(function*(owner: Owner) {
    if (!isNear(owner)) return false
    if (!isRunning(owner.pid)) return true
    const now = yield* startOf(fs, owner.pid)
    return now !== undefined && (now.isOver || (owner.started !== null && owner.started !== now.started))
  })

  const nameOf = (owner: Owner | undefined): string =>
    owner === undefined
      ? "a process that has not said which it is"
      : owner.host !== host
      ? `process ${owner.pid} of ${owner.host}`
      : !isNear(owner)
      ? `process ${owner.pid} of another container on ${owner.host}`
      : owner.pid === pid
      ? "this process"
      : `process ${owner.pid}`

  const refuse = (lock: string, owner: Owner | undefined) => new FileInUse({ path, lock, owner: nameOf(owner) })

  /** Creates a lock, unless there is one. */
  const create = (lock: string) =>
    Effect.scoped(Effect.gen(function*() {
      const opened = yield* fs.open(lock, { flag: "wx", mode: 0o600 })
      // An empty lock would stop everybody.
      yield* Effect.tapError(opened.writeAll(encoder.encode(text)), () => Effect.ignore(fs.remove(lock)))
      return true
    })).pipe(Effect.catchIf(isReason("AlreadyExists"), () => Effect.succeed(false)))

  const acquire = (lock: string): Effect.Effect<void, FileInUse | PlatformError.PlatformError> =>
    Effect.gen(function*() {
      while (!(yield* create(lock))) {
        const found = yield* readIfThere(fs, lock)
        if (found === undefined) continue
        const owner = Option.getOrUndefined(decodeOwner(found))
        if (owner === undefined || !(yield* isGone(owner))) return yield* refuse(lock, owner)
        const claim = `${lock}.${owner.token}`
        yield* acquire(claim)
        // It may have been replaced between the look and the claim, by who had the claim before.
        if ((yield* readIfThere(fs, lock)) === found) return yield* fs.rename(claim, lock)
        yield* fs.remove(claim)
      }
    })

  const isHeld = (lock: string) => Effect.map(readIfThere(fs, lock), (found) => found === text)

  return {
    acquire,
    /** Fails, if somebody has taken a lock away. */
    verify: Effect.fnUntraced(function*(lock: string) {
      const found = yield* readIfThere(fs, lock)
      if (found === text) return
      return yield* refuse(lock, found === undefined ? undefined : Option.getOrUndefined(decodeOwner(found)))
    }),
    release: (lock: string) =>
      Effect.ignore(Effect.flatMap(isHeld(lock), (isHeld) => isHeld ? fs.remove(lock) : Effect.void))
  }
})

// ============================================================================
// Files
// ============================================================================

/** Elsewhere a backslash is a character of a name. */
const lastName = Reflect.get(Object(Reflect.get(globalThis, "process")), "platform") === "win32"
  ? /[^/\\]*$/
  : /[^/]*$/

/** Everything before the last name of a path. */
const placeOf = (path: string): string => path.replace(lastName, "")

const directoryOf = (path: string): string => placeOf(path) || "."

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\])/.test(path)

const join = (directory: string, name: string): string =>
  placeOf(directory) === directory ? `${directory}${name}` : `${directory}/${name}`

/** As many as systems follow. */
const mostLinks = 40

/** Where a path leads in the end: links are followed, also to where there is nothing yet. */
const follow = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, path: string) {
  let at = path
  for (let links = 0; links <= mostLinks; links++) {
    const target = yield* Effect.option(fs.readLink(at))
    if (Option.isNone(target)) {
      // One file has one name, so that it has one lock.
      return join(yield* fs.realPath(directoryOf(at)), at.slice(placeOf(at).length))
    }
    at = isAbsolute(target.value) ? target.value : join(directoryOf(at), target.value)
  }
  return yield* new UnusableFile({ path, reason: "is a link that leads nowhere" })
})

/** What a path may lead to instead of a file. */
const kinds: Readonly<Partial<Record<FileSystem.File.Type, string>>> = {
  Directory: "a directory",
  FIFO: "a pipe",
  Socket: "a socket",
  CharacterDevice: "a device",
  BlockDevice: "a device"
}

/** Fails, unless there is a file at a path that may be written, or none and a place for one. */
const check = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, path: string, file: string) {
  if (placeOf(file) === file) return yield* new UnusableFile({ path, reason: "names no file" })
  // A file is replaced by a new one, for which there must be a place beside it.
  yield* fs.access(directoryOf(file), { writable: true })
  const stat = yield* Effect.catchIf(fs.stat(file), isReason("NotFound"), () => Effect.undefined)
  if (stat === undefined) return
  if (stat.type !== "File") {
    return yield* new UnusableFile({ path, reason: `is ${kinds[stat.type] ?? "something else"}, not a file` })
  }
  // Root can write read-only files, and replacing a file asks for no permission of its own.
  const mayWrite = (stat.mode & 0o222) !== 0 && (yield* Effect.isSuccess(fs.access(file, { writable: true })))
  if (!mayWrite) return yield* new UnusableFile({ path, reason: "must not be written: it is read-only" })
})

/**
 * A file that this process has until its scope ends.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnedFile {
  /** What is in it. `undefined`, if it is not there. */
  readonly read: Effect.Effect<string | undefined, PlatformError.PlatformError>
  /**
   * Replaces what is in it, readable only by its owner (mode 0600). What is there is whole at any time: the old text or the new one.
   * Fails, and leaves the file as it is, if it has become something else or somebody has taken the lock away.
   */
  readonly replace: (text: string) => Effect.Effect<void, OwnedFileError>
}

/**
 * Takes a file for as long as the scope lasts: nobody else who asks in this way gets it then. A link stays one, and what
 * it leads to is the file. Nothing is written to the file itself; a lock stands beside it, `state.json.lock`. That of a
 * process that has ended without deleting it is taken over.
 *
 * Whether a process has ended is known by its id, which means something on one host and, on Linux, within one pid
 * namespace: the lock of a process on another host, or in another container, is never taken over, even if that process
 * has ended. Delete such a lock by hand.
 *
 * Fails with `FileInUse` if another process has it, or this one has it already; with `UnusableFile` if there is a
 * directory, a pipe or a device, or a file that is read-only; with a `PlatformError` if there is no directory for it, or
 * none that can be written.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function*(
  path: string
): Effect.fn.Return<OwnedFile, OwnedFileError, FileSystem.FileSystem | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const file = yield* follow(fs, path)
  yield* check(fs, path, file)
  const lock = `${file}.lock`
  const locks = yield* makeLocks(path)
  yield* Effect.acquireRelease(locks.acquire(lock), () => locks.release(lock))

  return {
    read: readIfThere(fs, file),
    replace: Effect.fnUntraced(function*(text) {
      yield* check(fs, path, file)
      yield* locks.verify(lock)
      // Beside the file, since only within a file system does a new name take no time. Nobody can have put something at
      // a name that nobody knows.
      const temporary = `${file}.${yield* Effect.sync(() => crypto.randomUUID())}.tmp`
      const write = Effect.scoped(Effect.gen(function*() {
        const opened = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* opened.writeAll(encoder.encode(text))
        yield* opened.sync
      }))
      yield* Effect.andThen(write, fs.rename(temporary, file)).pipe(
        Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
      )
    })
  }
})
