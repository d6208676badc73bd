/**
 * Marks what the built modules call while they load as pure, since none of it does anything but make a value. Bundlers
 * then leave out the values that nobody uses, and what those need of Effect. `node scripts/pure.ts`, after `tsc -b`.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseAst } from "rolldown/parseAst"

const root = join(import.meta.dirname, "..")

const mark = "/* @__PURE__ */ "

const isNode = (value: unknown): value is { readonly type: string; readonly start: number } =>
  typeof value === "object" && value !== null && "type" in value && "start" in value

/** Where the calls begin that run when the module does: those of its declarations, outside of functions. */
const callsIn = (node: unknown): ReadonlyArray<number> => {
  if (Array.isArray(node)) return node.flatMap(callsIn)
  if (!isNode(node) || /Function|MethodDefinition|ExpressionStatement|ImportDeclaration/.test(node.type)) return []
  const inside = Object.values(node).flatMap(callsIn)
  return node.type === "CallExpression" || node.type === "NewExpression" ? [node.start, ...inside] : inside
}

for (const file of globSync("packages/{core,testing}/dist/**/*.js", { cwd: root })) {
  const path = join(root, file)
  const source = readFileSync(path, "utf8")
  // A chain of calls begins where its first one does, and one mark is for all of them.
  const starts = [...new Set(callsIn(parseAst(source).body))].sort((a, b) => b - a)
  const marked = starts.reduce(
    (text, start) => text.slice(0, start).endsWith(mark) ? text : `${text.slice(0, start)}${mark}${text.slice(start)}`,
    source
  )
  if (marked !== source) writeFileSync(path, marked)
}
