/** Creates a set that remembers at least the last `size` strings, and fewer than twice as many. */
export const make = (size: number) => {
  let older = new Set<string>()
  let newer = new Set<string>()
  let pinned: ReadonlyArray<string> = []
  const has = (text: string): boolean => newer.has(text) || older.has(text)
  return {
    has,
    /** Adds strings that are never evicted. Replaces the strings of an earlier call. */
    pin: (strings: ReadonlyArray<string>): void => {
      pinned = strings
      for (const text of strings) newer.add(text)
    },
    /** Adds a string, and returns `true` if it is new. */
    add: (text: string): boolean => {
      // Adding before checking saves a lookup.
      const before = newer.size
      newer.add(text)
      if (newer.size === before) return false
      const isNew = !older.has(text)
      // A string that is only in the older set also makes this set larger.
      if (newer.size >= size + pinned.length) {
        older = newer
        newer = new Set(pinned)
      }
      return isNew
    }
  }
}
