/** Creates a set that remembers at least the last `size` strings, and fewer than twice as many. */
export const make = (size: number) => {
  let older = new Set<string>()
  let newer = new Set<string>()
  const has = (text: string): boolean => newer.has(text) || older.has(text)
  return {
    has,
    /** Adds a string, and returns `true` if it is new. */
    add: (text: string): boolean => {
      // Adding before checking saves a lookup.
      const before = newer.size
      newer.add(text)
      if (newer.size === before) return false
      const isNew = !older.has(text)
      // A string that is only in the older set also makes this set larger.
      if (newer.size >= size) {
        older = newer
        newer = new Set()
      }
      return isNew
    }
  }
}
