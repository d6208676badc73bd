/** A set that remembers at least the last `size` texts, and fewer than twice as many. */
export const make = (size: number) => {
  let older = new Set<string>()
  let newer = new Set<string>()
  let pinned: ReadonlyArray<string> = []
  const has = (text: string): boolean => newer.has(text) || older.has(text)
  return {
    has,
    /** Adds texts that are never forgotten. Replaces the texts of an earlier call. */
    pin: (texts: ReadonlyArray<string>): void => {
      pinned = texts
      for (const text of texts) newer.add(text)
    },
    /** Adds a text, and tells whether it was new. */
    add: (text: string): boolean => {
      // Adding first saves a lookup.
      const before = newer.size
      newer.add(text)
      if (newer.size === before) return false
      const isNew = !older.has(text)
      // Whether it is new or not: one that was old has made this one larger all the same.
      if (newer.size >= size + pinned.length) {
        older = newer
        newer = new Set(pinned)
      }
      return isNew
    }
  }
}
