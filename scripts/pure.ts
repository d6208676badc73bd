/**
 * Marks the top-level values of a module as free of side effects, so that bundlers can drop unused values, and the parts
 * of Effect that these need. All of them are free of side effects, because importing a module does no work.
 *
 * Bundlers drop a call that is marked as pure if its arguments have no side effects. They assume that reading a property
 * can have some, and that a spread can, too. A value with either is computed in a function, whose call is marked.
 */
import { type Plugin, RolldownMagicString } from "rolldown"
import { parseAst } from "rolldown/parseAst"

type Statement = ReturnType<typeof parseAst>["body"][number]
type Declaration = Extract<Statement, { readonly declarations: unknown }>
type Class = Extract<Statement, { readonly superClass: unknown }>
type Expression = NonNullable<Declaration["declarations"][number]["init"]>
type Argument = Extract<Expression, { readonly type: "CallExpression" }>["arguments"][number]

const mark = "/* @__PURE__ */ "

/** Calls of an expression, outside functions, that bundlers can drop once they are marked. `undefined` if it does more. */
const callsOf = (node: Argument, namespaces: ReadonlySet<string>): ReadonlyArray<number> | undefined => {
  const callsOfAll = (nodes: ReadonlyArray<Argument | null>) => {
    const calls: Array<number> = []
    for (const one of nodes) {
      const found = one === null ? [] : callsOf(one, namespaces)
      if (found === undefined) return undefined
      calls.push(...found)
    }
    return calls
  }
  switch (node.type) {
    case "Literal":
    case "Identifier":
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return []
    case "TemplateLiteral":
      return node.expressions.length === 0 ? [] : undefined
    case "UnaryExpression":
      return node.argument.type === "Literal" ? [] : undefined
    case "TSAsExpression":
    case "TSSatisfiesExpression":
      return callsOf(node.expression, namespaces)
    case "MemberExpression":
      return node.object.type === "Identifier" && namespaces.has(node.object.name) ? [] : undefined
    case "ArrayExpression":
      return callsOfAll(node.elements)
    case "ObjectExpression":
      return node.properties.some((property) => property.type === "SpreadElement" || property.computed)
        ? undefined
        : callsOfAll(node.properties.flatMap((property) => property.type === "SpreadElement" ? [] : [property.value]))
    case "CallExpression":
    case "NewExpression": {
      // One mark at the start of a chain covers all of its calls.
      const inside = callsOfAll(node.arguments)
      return inside && [node.start, ...inside]
    }
    default:
      return undefined
  }
}

/** Marks the top-level values of a TypeScript module. */
const markPure = (source: string): RolldownMagicString => {
  const text = new RolldownMagicString(source)
  const { body } = parseAst(source, { lang: "ts" })
  const namespaces = new Set(
    body.flatMap((node) =>
      node.type === "ImportDeclaration"
        ? node.specifiers.flatMap(({ local, type }) => type === "ImportNamespaceSpecifier" ? [local.name] : [])
        : []
    )
  )

  const markExpression = (node: Expression) => {
    const calls = callsOf(node, namespaces)
    if (calls === undefined) text.prependRight(node.start, `${mark}(() => (`).appendLeft(node.end, "))()")
    else for (const start of new Set(calls)) text.prependRight(start, mark)
  }

  const markVariables = ({ declarations }: Declaration) => {
    for (const { end, id, init, start } of declarations) {
      if (init === null) continue
      if (id.type === "Identifier") markExpression(init)
      else {
        // Reading a property in a pattern cannot be marked.
        if (id.type !== "ObjectPattern" || !/^(Identifier|MemberExpression)$/.test(init.type)) {
          throw new Error("Only a pattern whose value is a name or a property can be marked as pure")
        }
        const value = source.slice(init.start, init.end)
        const variables = id.properties.map((property) => {
          if (property.type === "RestElement" || property.value.type !== "Identifier" || property.computed) {
            throw new Error("Only a pattern of names can be marked as pure")
          }
          return `${property.value.name} = ${mark}(() => (${value}).${
            source.slice(property.key.start, property.key.end)
          })()`
        })
        text.overwrite(start, end, variables.join(", "))
      }
    }
  }

  const markClass = ({ body, superClass }: Class) => {
    if (superClass !== null) markExpression(superClass)
    for (const member of body.body) {
      if (member.type === "PropertyDefinition" && member.static && member.value !== null) markExpression(member.value)
    }
  }

  for (const statement of body) {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
    if (node?.type === "VariableDeclaration") markVariables(node)
    if (node?.type === "ClassDeclaration") markClass(node)
  }
  return text
}

/** Marks the modules of a folder. */
export const pure = (folder: string): Plugin => ({
  name: "pure",
  transform: (code, id) => id.startsWith(folder) ? { code: markPure(code) } : null
})
