/** Node versions whose `node:sqlite` supports the file store. */

/** Minimum supported version. */
export const oldest = "22.19"

/** Returns `true` if a Node version supports the file store. */
export const isSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}
