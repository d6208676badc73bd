/**
 * Marks the top-level calls of the built modules as pure, because they only create values. Bundlers can then drop unused
 * values, and the parts of Effect that these need. `node scripts/pure.ts`, after `tsc -b`.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseAst } from "rolldown/parseAst"

const root = join(import.meta.dirname, "..")

const mark = "/* @__PURE__ */ "

const isNode = (value: unknown): value is { readonly type: string; readonly start: number } =>
  typeof value === "object" && value !== null && "type" in value && "start" in value

/** Start positions of top-level calls: calls in declarations, outside functions. */
const callsIn = (node: unknown): ReadonlyArray<number> => {
  if (Array.isArray(node)) return node.flatMap(callsIn)
  if (!isNode(node) || /Function|MethodDefinition|ExpressionStatement|ImportDeclaration/.test(node.type)) return []
  const inside = Object.values(node).flatMap(callsIn)
  return node.type === "CallExpression" || node.type === "NewExpression" ? [node.start, ...inside] : inside
}

/** Marks the top-level calls of a module. */
export const markPure = (source: string, lang: "js" | "ts" = "js"): string => {
  // One mark at the start of a chain covers all of its calls.
  const starts = [...new Set(callsIn(parseAst(source, { lang }).body))].sort((a, b) => b - a)
  return starts.reduce(
    (text, start) => text.slice(0, start).endsWith(mark) ? text : `${text.slice(0, start)}${mark}${text.slice(start)}`,
    source
  )
}

if (process.argv[1] === import.meta.filename) {
  for (const file of globSync("packages/{core,testing}/dist/**/*.js", { cwd: root })) {
    const path = join(root, file)
    const source = readFileSync(path, "utf8")
    const marked = markPure(source)
    if (marked !== source) writeFileSync(path, marked)
  }
}
