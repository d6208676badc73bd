/** Writes files without overwriting the work of others. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as SystemReason from "../../output/SystemReason.ts"

const encoder = new TextEncoder()

const refused = (code: string, message: string, hint: string) =>
  new CliFailure({ code, message, hint, exitCode: ExitCode.refused })

const unwritable = (path: string) => (error: PlatformError.PlatformError) =>
  error.reason._tag === "AlreadyExists"
    ? refused("FILE_EXISTS", `${path} already exists`, "choose another path, or delete the file")
    : new CliFailure({
      code: "FILE_NOT_WRITTEN",
      message: `${path} cannot be written: ${SystemReason.ofWrite(error)}`,
      exitCode: ExitCode.usage
    })

/** Writes a new file. A file that is only partly written is removed. */
const write = Effect.fnUntraced(function*(path: string, text: string, mode: number) {
  const fs = yield* FileSystem.FileSystem
  const opened = yield* fs.open(path, { flag: "wx", mode })
  yield* Effect.andThen(opened.writeAll(encoder.encode(text)), opened.sync).pipe(
    Effect.onError(() => Effect.ignore(fs.remove(path)))
  )
}, Effect.scoped)

/** Creates a file. Fails if anything exists at the path, even a symbolic link. */
export const create = (path: string, text: string, mode: number) =>
  Effect.mapError(write(path, text, mode), unwritable(path))

/** Fails if a path is a symbolic link, because a replaced file could be anywhere. */
const demandNoLink = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  if (yield* Effect.isSuccess(fs.readLink(path))) {
    return yield* refused(
      "SYMBOLIC_LINK",
      `${path} is a symbolic link`,
      "use --policy with the path of the file itself"
    )
  }
})

/** Replaces a file atomically and keeps its mode. Fails if its content is not `before` any more. */
export const replace = Effect.fnUntraced(function*(path: string, before: string, text: string) {
  const fs = yield* FileSystem.FileSystem
  yield* demandNoLink(path)
  // In the same directory, because renaming is atomic only within a file system. The random name cannot exist yet.
  const temporary = `${path}.${yield* Effect.sync(() => crypto.randomUUID())}.tmp`
  yield* Effect.gen(function*() {
    const { mode } = yield* fs.stat(path)
    yield* write(temporary, text, mode & 0o777)
    // The mode of a new file also depends on the umask.
    yield* fs.chmod(temporary, mode & 0o777)
    if ((yield* fs.readFileString(path)) !== before) {
      return yield* refused("FILE_CHANGED", `${path} was changed in the meantime; nothing was written`, "try again")
    }
    yield* fs.rename(temporary, path)
  }).pipe(
    Effect.onError(() => Effect.ignore(fs.remove(temporary))),
    Effect.catchTag("PlatformError", (error) => Effect.fail(unwritable(path)(error)))
  )
})
