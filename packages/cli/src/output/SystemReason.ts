/** Describes why the operating system refused an operation, for example a file that cannot be read. */
import type * as PlatformError from "effect/PlatformError"
import * as Predicate from "effect/Predicate"

/** Reasons by error code of the operating system, which is more exact than the tag of the error. */
const byCode: Readonly<Record<string, string>> = {
  E2BIG: "the arguments are too long",
  EACCES: "permission denied",
  EBUSY: "is in use",
  EDQUOT: "disk quota exceeded",
  EEXIST: "already exists",
  EISDIR: "is a directory",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "does not exist",
  ENOEXEC: "is not an executable program",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "permission denied",
  EROFS: "the file system is read-only"
}

/** Reasons by tag, for errors without a known code. */
const byTag: Readonly<Record<string, string>> = {
  AlreadyExists: "already exists",
  Busy: "is in use",
  NotFound: "does not exist",
  PermissionDenied: "permission denied"
}

/** The error code of the operating system: `ENOENT`. */
const codeOf = ({ reason: { cause } }: PlatformError.PlatformError): string | undefined =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : undefined

/** Node's own text, without the code and the operation: `EMFILE: too many open files, open '/data/key'`. */
const textOf = ({ reason }: PlatformError.PlatformError): string =>
  reason.cause instanceof Error
    ? reason.cause.message.replace(/^E[A-Z\d]+: /, "").replace(/, [a-z]+( '.*')?$/s, "")
    : reason.description ?? reason.message

/** A short phrase for an error: `is a directory`, `permission denied`. */
export const of = (error: PlatformError.PlatformError): string => {
  const { _tag, module } = error.reason
  if (module === "ChildProcess" && _tag === "NotFound") return "command not found"
  return byCode[codeOf(error) ?? ""] ?? byTag[_tag] ?? textOf(error)
}

/** Like {@link of}, for a file that cannot be created. Such a file need not exist, but its folder must. */
export const ofWrite = (error: PlatformError.PlatformError): string =>
  error.reason._tag === "NotFound" ? "the folder does not exist" : of(error)
