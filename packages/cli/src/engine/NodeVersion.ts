/** The versions of Node whose `node:sqlite` has what the store in a file uses. */

/** The oldest of them. */
export const oldest = "22.19"

/** Returns `true` if a version is one of them. */
export const isSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}
