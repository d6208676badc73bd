/**
 * A file that one process owns at a time, and that is replaced atomically, such as the state file of an emulator.
 *
 * **Example** (Replacing a file)
 *
 * ```ts
 * import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
 * import * as OwnedFile from "@pinecone-backups/testing/OwnedFile"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as FileSystem from "effect/FileSystem"
 *
 * const program = Effect.gen(function*() {
 *   const fs = yield* FileSystem.FileSystem
 *   const path = `${yield* fs.makeTempDirectoryScoped()}/state.json`
 *   const file = yield* OwnedFile.open(path)
 *   yield* file.replace("{}")
 *   yield* Console.log(yield* file.read) // => {}
 *   const { _tag } = yield* Effect.flip(OwnedFile.open(path))
 *   yield* Console.log(_tag) // => FileInUse
 * }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
 *
 * await Effect.runPromise(program)
 * ```
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
 * Error for a file that another owner has, or may have. Nothing was changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class FileInUse extends Data.TaggedError("FileInUse")<{
  readonly path: string
  /** Path of the lock file. Deleting the lock file releases the file. */
  readonly lock: string
  /** The owner: `process 4711`, `process 4711 of build-7`, `process 4711 of another container on build-7`. */
  readonly owner: string
}> {
  override get message(): string {
    return `${this.path} is in use by ${this.owner}`
  }
}

/**
 * Error for a path at which no file can be replaced. Nothing was changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnusableFile extends Data.TaggedError("UnusableFile")<{
  readonly path: string
  /** Description of the problem, such as `is a directory, not a file`. */
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}

/**
 * Errors of opening or replacing an owned file.
 *
 * @category errors
 * @since 0.1.0
 */
export type OwnedFileError = FileInUse | UnusableFile | PlatformError.PlatformError

// ============================================================================
// Processes
// ============================================================================

/**
 * Information about the processes of this machine.
 *
 * @category models
 * @since 0.1.0
 */
export interface Processes {
  /** Host name of this machine. */
  readonly host: string
  /** ID of this process. */
  readonly pid: number
  /** Returns `true` if a process of this machine is running, or if that is unknown. */
  readonly isRunning: (pid: number) => boolean
}

/** The `process` object of Node.js, Bun and Deno. */
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
          // Signals to processes of other users fail, but such a process exists.
          return !isNoProcess(cause)
        }
      }
    }
    : { host: "", pid: 0, isRunning: () => true }

/**
 * Reference to the processes of this machine, from Node.js, Bun or Deno. In other runtimes, every other process counts as
 * running.
 *
 * @category services
 * @since 0.1.0
 */
export const Processes = Context.Reference<Processes>("@pinecone-backups/testing/OwnedFile/Processes", {
  defaultValue: () => processesOf(Reflect.get(globalThis, "process"))
})

/**
 * Start time of a process, as the system reports it, and whether the process has finished. Only on Linux. The start time
 * shows whether a process ID was reused.
 */
const startOf = (fs: FileSystem.FileSystem, pid: number) =>
  Effect.map(Effect.option(fs.readFileString(`/proc/${pid}/stat`)), (text) => {
    // The program name comes first, in parentheses, and can have any character.
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
  // Distinguishes containers on one host, which have separate process IDs. Only on Linux.
  pidNamespace: Schema.NullOr(Schema.String),
  pid: Schema.Int,
  started: Schema.NullOr(Schema.String),
  // The value becomes part of a path.
  token: Schema.String.check(Schema.isPattern(/^[\da-f-]{36}$/))
}))

type Owner = typeof Owner.Type

const decodeOwner = Schema.decodeOption(Owner)

const isReason = (tag: PlatformError.PlatformError["reason"]["_tag"]) => (error: PlatformError.PlatformError) =>
  error.reason._tag === tag

const encoder = new TextEncoder()

/** The content of a file, if it exists. */
const readIfThere = (fs: FileSystem.FileSystem, path: string) =>
  Effect.catchIf(fs.readFileString(path), isReason("NotFound"), () => Effect.undefined)

/**
 * File locks, each held by one process. JavaScript has no lock that is released when its process ends, so the lock of a
 * crashed process is taken over. The process that wants it first creates a claim for the lock. A claim is a lock itself
 * and can be taken over the same way. Only the owner of the claim replaces the lock, by renaming the claim, after
 * checking that the lock is still the claimed lock. So a lock always has one owner, however many processes compete for
 * it.
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

  /** Returns `true` if the process ID of a lock is on the same host and in the same namespace. */
  const isNear = (owner: Owner): boolean => owner.host === host && owner.pidNamespace === pidNamespace

  /** Returns `true` if the process of a lock has certainly ended. Unknown for other machines and containers. */
  const isGone = Effect.fnUntraced(function*(owner: Owner) {
    if (!isNear(owner)) return false
    if (!isRunning(owner.pid)) return true
    const now = yield* startOf(fs, owner.pid)
    return now !== undefined && (now.isOver || (owner.started !== null && owner.started !== now.started))
  })

  const nameOf = (owner: Owner | undefined): string =>
    owner === undefined
      ? "an unknown process"
      : owner.host !== host
      ? `process ${owner.pid} of ${owner.host}`
      : !isNear(owner)
      ? `process ${owner.pid} of another container on ${owner.host}`
      : owner.pid === pid
      ? "this process"
      : `process ${owner.pid}`

  const refuse = (lock: string, owner: Owner | undefined) => new FileInUse({ path, lock, owner: nameOf(owner) })

  /** Creates a lock, unless it exists. */
  const create = (lock: string) =>
    Effect.scoped(Effect.gen(function*() {
      const opened = yield* fs.open(lock, { flag: "wx", mode: 0o600 })
      // An empty lock would block every process.
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
        // The previous owner of the claim may have replaced the lock in the meantime.
        if ((yield* readIfThere(fs, lock)) === found) return yield* fs.rename(claim, lock)
        yield* fs.remove(claim)
      }
    })

  const isHeld = (lock: string) => Effect.map(readIfThere(fs, lock), (found) => found === text)

  return {
    acquire,
    /** Fails if the lock is no longer held. */
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

/** Only Windows treats a backslash as a separator. */
const lastName = Reflect.get(Object(Reflect.get(globalThis, "process")), "platform") === "win32"
  ? /[^/\\]*$/
  : /[^/]*$/

/** Everything before the last name of a path. */
const placeOf = (path: string): string => path.replace(lastName, "")

const directoryOf = (path: string): string => placeOf(path) || "."

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\])/.test(path)

const join = (directory: string, name: string): string =>
  placeOf(directory) === directory ? `${directory}${name}` : `${directory}/${name}`

/** The usual limit of operating systems. */
const mostLinks = 40

/** Resolves symbolic links, even if the target does not exist. */
const follow = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, path: string) {
  let at = path
  for (let links = 0; links <= mostLinks; links++) {
    const target = yield* Effect.option(fs.readLink(at))
    if (Option.isNone(target)) {
      // The real path gives every file a single lock.
      return join(yield* fs.realPath(directoryOf(at)), at.slice(placeOf(at).length))
    }
    at = isAbsolute(target.value) ? target.value : join(directoryOf(at), target.value)
  }
  return yield* new UnusableFile({ path, reason: "is a symbolic link that cannot be resolved" })
})

/** Names of file types other than regular files. */
const kinds: Readonly<Partial<Record<FileSystem.File.Type, string>>> = {
  Directory: "a directory",
  FIFO: "a pipe",
  Socket: "a socket",
  CharacterDevice: "a device",
  BlockDevice: "a device"
}

/** Fails unless the path has a writable file, or no file and a writable directory. */
const check = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, path: string, file: string) {
  if (placeOf(file) === file) return yield* new UnusableFile({ path, reason: "names no file" })
  // Replacing a file creates a new file in the same directory.
  yield* fs.access(directoryOf(file), { writable: true })
  const stat = yield* Effect.catchIf(fs.stat(file), isReason("NotFound"), () => Effect.undefined)
  if (stat === undefined) return
  if (stat.type !== "File") {
    return yield* new UnusableFile({ path, reason: `is ${kinds[stat.type] ?? "something else"}, not a file` })
  }
  // Root can write read-only files, and replacing a file needs no permission for the file itself.
  const mayWrite = (stat.mode & 0o222) !== 0 && (yield* Effect.isSuccess(fs.access(file, { writable: true })))
  if (!mayWrite) return yield* new UnusableFile({ path, reason: "cannot be written: it is read-only" })
})

/**
 * A file that this process owns until its scope ends.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnedFile {
  /** Content of the file; `undefined` if the file does not exist. */
  readonly read: Effect.Effect<string | undefined, PlatformError.PlatformError>
  /**
   * Replaces the content atomically. The new file is readable only by its owner (mode 0600). Fails, and does not change the
   * file, if the path is no longer a writable file, or the lock is no longer held.
   */
  readonly replace: (text: string) => Effect.Effect<void, OwnedFileError>
}

/**
 * Acquires a file until the scope ends. In that time, `open` fails for every other process.
 *
 * **Details**
 *
 * Creates a lock file next to the file, such as `state.json.lock`, and does not write to the file itself. Symbolic links are
 * followed and kept. The lock of a process that ended without deleting it is taken over.
 *
 * Fails with `FileInUse` if another process, or this process, owns the file; with `UnusableFile` for a directory, a pipe, a
 * device or a read-only file; and with a `PlatformError` if the directory does not exist or is not writable.
 *
 * **Gotchas**
 *
 * A process ID is valid on one host and, on Linux, in one PID namespace. The lock of a process on another host, or in
 * another container, is therefore never taken over, even if the process has ended. Delete such a lock manually.
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
      // In the same directory, because renaming is atomic only within a file system. The random name cannot exist yet.
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
