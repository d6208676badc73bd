import { assert, describe, it } from "@effect/vitest"
import * as PlatformError from "effect/PlatformError"
import { readFileSync } from "node:fs"
import * as SystemReason from "../src/output/SystemReason.ts"

const errnoError = (code: string, message: string) => Object.assign(new Error(message), { code })

const systemError = (_tag: PlatformError.SystemErrorTag, cause?: Error, module = "FileSystem") =>
  PlatformError.systemError({ _tag, module, method: "open", cause })

describe("SystemReason", () => {
  it.each<readonly [code: string, tag: PlatformError.SystemErrorTag, reason: string]>([
    ["ENOENT", "NotFound", "does not exist"],
    ["EISDIR", "BadResource", "is a directory"],
    ["ENOTDIR", "BadResource", "a part of the path is not a directory"],
    ["ELOOP", "BadResource", "too many symbolic links"],
    ["EACCES", "PermissionDenied", "permission denied"],
    ["EPERM", "PermissionDenied", "permission denied"],
    ["ENOSPC", "Unknown", "no space left on the device"],
    ["EROFS", "Unknown", "the file system is read-only"],
    // Node's own text.
    ["EMFILE", "Unknown", "too many open files"],
    ["ENXIO", "Unknown", "no such device or address"]
  ])("describes %s", (code, tag, reason) => {
    const texts: Readonly<Record<string, string>> = {
      EMFILE: "EMFILE: too many open files, open '/data/a, b'",
      ENXIO: "ENXIO: no such device or address, read"
    }
    assert.strictEqual(SystemReason.of(systemError(tag, errnoError(code, texts[code] ?? ""))), reason)
  })

  it("describes an error of Node.js", () => {
    try {
      readFileSync("/")
      assert.fail("a directory cannot be read")
    } catch (cause) {
      assert.instanceOf(cause, Error)
      assert.strictEqual(SystemReason.of(systemError("BadResource", cause)), "is a directory")
    }
  })

  it("describes an error without a code by its tag, else by its text", () => {
    assert.strictEqual(SystemReason.of(systemError("PermissionDenied")), "permission denied")
    assert.strictEqual(
      SystemReason.of(
        PlatformError.badArgument({ module: "FileSystem", method: "readFileString", description: "invalid encoding" })
      ),
      "invalid encoding"
    )
  })

  it("distinguishes a file to create, and a command", () => {
    const missing = errnoError("ENOENT", "spawn nope ENOENT")
    assert.strictEqual(SystemReason.ofWrite(systemError("NotFound", missing)), "the folder does not exist")
    assert.strictEqual(SystemReason.of(systemError("NotFound", missing, "ChildProcess")), "command not found")
  })
})
