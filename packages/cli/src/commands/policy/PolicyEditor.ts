/**
 * Edits the rules of a policy file as text.
 *
 * Only the `schedule` and `settings` of changed rules are rewritten, and new rules are added at the end. Every other
 * character of the file stays as it is: comments, order, quotes and line breaks.
 */
import type * as Schema from "effect/Schema"
import type * as Yaml from "yaml"

/** A value in a policy file. `undefined` removes a key. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | ReadonlyArray<string>
  | { readonly [key: string]: Value }

/** The changes to one rule. */
export interface RuleEdit {
  /** The position of the rule in the file. `undefined` adds a rule. */
  readonly position: number | undefined
  readonly index: string
  /** The profiles of a new rule. Defaults to all projects. */
  readonly profiles?: ReadonlyArray<string> | undefined
  /** A map is merged into an existing map, key by key. */
  readonly schedule?: Value
  /** A map is merged into an existing map, key by key. */
  readonly settings?: Value
  /** Whether a new rule has a comment that nothing backs the index up. JSON has no comments. */
  readonly isUnscheduled?: boolean | undefined
  /** Whether to remove this comment from a rule. */
  readonly removesHint?: boolean | undefined
}

/** The comment in the rule of an index without a schedule. */
const unscheduled = ["nothing backs this index up:", "schedule: { every: daily, keep: 30 }"]

/** Replaces a part of the text. */
interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The keys that are edited, in the order in which they are written. */
const keys = ["schedule", "settings"] as const

// ============================================================================
// Text
// ============================================================================

/** The format of a file. */
interface Style {
  readonly isJson: boolean
  readonly eol: string
}

const styleOf = (text: string): Style => {
  let isJson = true
  try {
    JSON.parse(text)
  } catch {
    isJson = false
  }
  return { isJson, eol: text.includes("\r\n") ? "\r\n" : "\n" }
}

/** The start of the line that contains an offset. */
const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1

/** The end of the line that contains an offset, before its line break. */
const lineEnd = (text: string, offset: number): number => {
  const end = text.indexOf("\n", offset)
  return end === -1 ? text.length : text[end - 1] === "\r" && end > offset ? end - 1 : end
}

/** The column of an offset. */
const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset)

/** The indentation of the line of an offset, if only whitespace is before the offset. */
const ownIndent = (text: string, offset: number): string | undefined => {
  const before = text.slice(lineStart(text, offset), offset)
  return /^[ \t]*$/.test(before) ? before : undefined
}

/** The end of the content before an offset. */
const contentEnd = (text: string, from: number, to: number): number => from + text.slice(from, to).trimEnd().length

/** Applies splices, in the order of the text. Splices at the same place keep their order. */
const apply = (text: string, splices: ReadonlyArray<Splice>): string => {
  let cursor = 0
  let made = ""
  for (const splice of [...splices].sort((self, that) => self.from - that.from)) {
    made += text.slice(cursor, splice.from) + splice.text
    cursor = Math.max(cursor, splice.to)
  }
  return made + text.slice(cursor)
}

// ============================================================================
// Values
// ============================================================================

const isMap = (value: Value): value is { readonly [key: string]: Value } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Merges a change into a value. */
export const merge = (value: Value, change: Value): Value =>
  isMap(value) && isMap(change)
    ? written({
      ...value,
      ...Object.fromEntries(Object.entries(change).map(([key, inner]) => [key, merge(value[key], inner)]))
    })
    : written(change)

/** A value without the keys to remove. */
const written = (value: Value): Value =>
  isMap(value)
    ? Object.fromEntries(
      Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, written(inner)])
    )
    : value

/** A value as JSON. `null` if nothing is written. */
export const toJson = (value: Value): Schema.Json => written(value) as Schema.Json | undefined ?? null

/** JSON on one line, with spaces as in YAML: `{ "every": "daily" }`. */
const inlineJson = (value: Value): string => {
  if (!isMap(value)) return JSON.stringify(value ?? null)
  const pairs = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${inlineJson(inner)}`)
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`
}

/** The content of a new rule, in the order in which it is written. */
const contentOf = ({ index, profiles, schedule, settings }: RuleEdit): Readonly<Record<string, Value>> => ({
  index,
  ...(profiles !== undefined && { profiles }),
  ...(schedule !== undefined && { schedule }),
  ...(settings !== undefined && { settings })
})

// ============================================================================
// Nodes
// ============================================================================

/** The offsets of a node, without its comments. */
const rangeOf = (node: unknown): readonly [from: number, to: number] => {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined
  return Array.isArray(range) ? [Number(range[0]), Number(range[1])] : [0, 0]
}

/** Functions on the nodes of a file. */
const editorOf = (yaml: typeof Yaml, text: string, document: Yaml.Document) => {
  const { eol, isJson } = styleOf(text)

  const print = (node: Yaml.Node, indent = 2): string => {
    const printed = new yaml.Document()
    printed.contents = node
    return printed.toString({ directives: false, indent, lineWidth: 0 }).trimEnd()
  }

  /** A value as a node on one line. */
  const flow = (value: Value): Yaml.Node => {
    const node: Yaml.Node = new yaml.Document().createNode(written(value))
    yaml.visit(node, {
      Collection: (_, collection) => {
        collection.flow = true
      }
    })
    return node
  }

  /** Indents all lines but the first. */
  const hang = (printed: string, column: number): string =>
    printed.split("\n").map((line, index) => index === 0 || line === "" ? line : " ".repeat(column) + line).join(eol)

  /** The text of a pair. */
  const pairText = (key: string, value: Yaml.Node, column: number, indent?: number): string => {
    const map = new yaml.YAMLMap()
    map.set(key, value)
    return hang(print(map, indent), column)
  }

  const inline = (key: string, value: Value, column: number): string =>
    isJson ? `${JSON.stringify(key)}: ${inlineJson(written(value))}` : pairText(key, flow(value), column)

  /** Merges a change into a node. Comments in maps stay. */
  const mergeNode = (node: unknown, change: Value): Yaml.Node => {
    if (!isMap(change) || !yaml.isMap(node)) {
      const made = flow(change)
      if (yaml.isScalar(node) && yaml.isScalar(made)) made.comment = node.comment ?? null
      return made
    }
    for (const [key, inner] of Object.entries(change)) {
      if (inner === undefined) node.delete(key)
      else node.set(key, mergeNode(node.get(key, true), inner))
    }
    if (node.items.length === 0) node.flow = true
    return node
  }

  /** The end of the content of a node. Ends of block collections include blank lines and comments. */
  const endOf = (node: unknown): number => {
    const last = yaml.isCollection(node) && node.flow !== true ? node.items.at(-1) : undefined
    const inner = yaml.isPair(last) ? last.value ?? last.key : last
    if (inner !== undefined) return endOf(inner)
    const [from, to] = rangeOf(node)
    return contentEnd(text, from, to)
  }

  const isBlock = (node: unknown): boolean => yaml.isCollection(node) && node.flow !== true

  /** Where to add something after a node: in a block, after the comment on its line. */
  const after = (node: unknown, isInBlock: boolean): number => isInBlock ? lineEnd(text, endOf(node)) : endOf(node)

  /** Skips the comment lines that belong to a block with this column. */
  const skipComments = (offset: number, column: number): number => {
    let end = offset
    for (;;) {
      const next = /^\r?\n([ \t]*)#[^\r\n]*/.exec(text.slice(end))
      const indent = next?.[1]?.length ?? -1
      if (next === null || indent < column || (indent === column && column === 0)) return end
      end += next[0].length
    }
  }

  /** Returns `true` if a change of the node would also change other parts of the file. */
  const isShared = (node: unknown): boolean => {
    if (!yaml.isNode(node)) return false
    let isFound = false
    yaml.visit(node, {
      Node: (_, inner) => {
        if (yaml.isAlias(inner) || ("anchor" in inner && inner.anchor !== undefined)) isFound = true
      }
    })
    return isFound
  }

  const root = document.contents
  const rules: unknown = yaml.isMap(root) ? root.get("rules", true) : undefined

  /** The splices that change a rule in place. */
  const change = (rule: Yaml.YAMLMap, edit: RuleEdit): ReadonlyArray<Splice> => {
    const isInBlock = isBlock(rule)
    const [ruleStart] = rangeOf(rule)
    const column = columnOf(text, ruleStart)
    // Offsets are read first, because changed nodes have none.
    const parts = rule.items.map((pair) => {
      const [keyStart] = rangeOf(pair.key)
      const node = pair.value ?? pair.key
      return {
        node,
        name: yaml.isScalar(pair.key) ? pair.key.value : pair.key,
        from: keyStart,
        end: after(node, isInBlock),
        to: isBlock(node) ? after(node, true) : endOf(node),
        indent: isBlock(node) ? Math.max(1, columnOf(text, rangeOf(node)[0]) - columnOf(text, keyStart)) : 2
      }
    })
    const hint = edit.removesHint === true ? hintOf(rule) : undefined
    const splices = keys.flatMap((key): ReadonlyArray<Splice> => {
      const value = edit[key]
      if (value === undefined) return []
      const found = parts.find(({ name }) => name === key)
      if (found === undefined) {
        const before = key === "schedule" ? parts.findIndex(({ name }) => name === "settings") - 1 : -1
        const previous = parts[before] ?? parts.at(-1) ?? { end: ruleStart, from: ruleStart }
        const indent = ownIndent(text, previous.from)
        const separator = isInBlock
          ? `${eol}${" ".repeat(column)}`
          : indent === undefined
          ? ", "
          : `,${eol}${indent}`
        return [{ from: previous.end, to: previous.end, text: separator + inline(key, value, column) }]
      }
      const { from, indent, node, to } = found
      if (isJson) {
        const current = yaml.isNode(node) ? node.toJS(document) as Value : undefined
        return [{ from, to, text: inline(key, merge(current, value), column) }]
      }
      const changed = mergeNode(node, value)
      // The comments around the value stay in the text.
      changed.comment = null
      changed.commentBefore = null
      return [{ from, to, text: pairText(key, changed, columnOf(text, from), indent) }]
    })
    return hint === undefined ? splices : [...splices, hint]
  }

  /**
   * The splice that removes the comment that nothing backs an index up. Its second line is a suggestion, which the author of
   * the file may have changed or used. Then only the first line is removed.
   */
  const hintOf = (rule: Yaml.YAMLMap): Splice | undefined => {
    if (!isBlock(rule)) return undefined
    const [start] = rangeOf(rule)
    const end = skipComments(after(rule, true), columnOf(text, start))
    const [first = "", second = ""] = unscheduled.map((line) =>
      String.raw`\r?\n[ \t]*# ${line.replace(/[{}]/g, String.raw`\$&`)}[ \t]*(?=\r?\n|$)`
    )
    const found = new RegExp(`${first}(?:${second})?`).exec(text.slice(start, end))
    return found === null
      ? undefined
      : { from: start + found.index, to: start + found.index + found[0].length, text: "" }
  }

  /** The lines of a new rule in a block. */
  const blockLines = (edit: RuleEdit, column: number): string => {
    const indent = `${eol}${" ".repeat(column + 2)}`
    const [first = "", ...rest] = Object.entries(contentOf(edit)).map(([key, value]) => inline(key, value, column + 2))
    const hint = edit.isUnscheduled === true ? unscheduled.map((line) => `# ${line}`) : []
    return `${eol}${" ".repeat(column)}- ${[first, ...hint, ...rest].join(indent)}`
  }

  /** A new rule in brackets. `indent` is that of its line, or `undefined` if it shares the line. */
  const flowText = (edit: RuleEdit, indent: string | undefined): string => {
    if (!isJson) return print(flow(contentOf(edit)))
    if (indent === undefined) return inlineJson(written(contentOf(edit)))
    const unit = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  "
    const pairs = Object.entries(contentOf(edit)).map(([key, value]) =>
      `${eol}${indent}${unit}${inline(key, value, 0)}`
    )
    return `{${pairs.join(",")}${eol}${indent}}`
  }

  /** A new list of rules in brackets. */
  const listText = (edits: ReadonlyArray<RuleEdit>, indent: string): string => {
    if (!text.includes("\n")) return `[${edits.map((edit) => flowText(edit, undefined)).join(", ")}]`
    const unit = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  "
    const lines = edits.map((edit) => `${eol}${indent}${unit}${flowText(edit, indent + unit)}`)
    return `[${lines.join(",")}${eol}${indent}]`
  }

  /** The splice that adds rules at the end. `undefined` if the list cannot be edited. */
  const add = (edits: ReadonlyArray<RuleEdit>): ReadonlyArray<Splice> | undefined => {
    if (!yaml.isMap(root)) return undefined
    if (rules === undefined) {
      const last = root.items.at(-1)
      if (isBlock(root) && last !== undefined) {
        const at = skipComments(after(last.value ?? last.key, true), 1)
        return [{ from: at, to: at, text: `${eol}rules:${edits.map((edit) => blockLines(edit, 2)).join("")}` }]
      }
      const key = isJson ? "\"rules\"" : "rules"
      if (last === undefined) {
        const [from, to] = rangeOf(root)
        return [{ from, to, text: `{ ${key}: ${listText(edits, "")} }` }]
      }
      const at = endOf(last.value ?? last.key)
      const indent = ownIndent(text, rangeOf(last.key)[0])
      return [{
        from: at,
        to: at,
        text: `,${indent === undefined ? " " : eol + indent}${key}: ${listText(edits, indent ?? "")}`
      }]
    }
    if (!yaml.isSeq(rules) || rules.anchor !== undefined) return undefined
    const last = rules.items.at(-1)
    const [from, to] = rangeOf(rules)
    if (last === undefined) {
      const key = root.items.find((pair) => pair.value === rules)?.key
      const indent = ownIndent(text, rangeOf(key)[0]) ?? ""
      return isBlock(root)
        ? [{
          from: contentEnd(text, 0, from),
          to,
          text: edits.map((edit) => blockLines(edit, indent.length + 2)).join("")
        }]
        : [{ from, to, text: listText(edits, indent) }]
    }
    if (isBlock(rules)) {
      const column = columnOf(text, from)
      const at = skipComments(after(last, true), column)
      return [{ from: at, to: at, text: edits.map((edit) => blockLines(edit, column)).join("") }]
    }
    const at = endOf(last)
    const [lastStart] = rangeOf(last)
    const indent = ownIndent(text, lastStart)
    const isSpread = text.slice(lastStart, at).includes("\n")
    return [{
      from: at,
      to: at,
      text: edits.map((edit) =>
        `,${indent === undefined ? " " : eol + indent}${flowText(edit, isSpread ? indent ?? "" : undefined)}`
      ).join("")
    }]
  }

  return { add, change, hintOf, isShared, rules }
}

// ============================================================================
// Editing
// ============================================================================

/**
 * Returns `true` if a rule can be changed in place. A rule with an anchor or an alias cannot, because other parts of the
 * file share its value.
 */
export const canChange = (yaml: typeof Yaml, text: string, document: Yaml.Document, position: number): boolean => {
  const { isShared, rules } = editorOf(yaml, text, document)
  const rule = yaml.isSeq(rules) ? rules.items[position] : undefined
  return yaml.isMap(rule) && rule.anchor === undefined && keys.every((key) => !isShared(rule.get(key, true)))
}

/** Returns `true` if a rule has the comment that nothing backs its index up. */
export const hasHint = (yaml: typeof Yaml, text: string, document: Yaml.Document, position: number): boolean => {
  const { hintOf, rules } = editorOf(yaml, text, document)
  const rule = yaml.isSeq(rules) ? rules.items[position] : undefined
  return yaml.isMap(rule) && hintOf(rule) !== undefined
}

/**
 * Returns the text with changed and added rules, or `undefined` if the list of rules cannot be edited because it is an
 * alias or has an anchor. Changes the document, which must not be used afterwards.
 */
export const edit = (
  yaml: typeof Yaml,
  text: string,
  document: Yaml.Document,
  edits: ReadonlyArray<RuleEdit>
): string | undefined => {
  const { add, change, rules } = editorOf(yaml, text, document)
  const added = edits.filter(({ position }) => position === undefined)
  // Before the changes, because changed nodes have no offsets.
  const addition = added.length === 0 ? [] : add(added)
  if (addition === undefined) return undefined
  const changes = edits.flatMap((edit) => {
    const rule = edit.position !== undefined && yaml.isSeq(rules) ? rules.items[edit.position] : undefined
    return yaml.isMap(rule) ? change(rule, edit) : []
  })
  return apply(text, [...changes, ...addition])
}
