import { assert, describe, it } from "@effect/vitest"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as ControlApi from "@pinecone-backups/testing/ControlApi"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Markdown from "../../../scripts/markdown.ts"
import * as Simulation from "../src/internal/simulation.ts"
import * as Seed from "../src/Seed.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const read = (path: string) => readFileSync(join(root, path), "utf8")

const documents = Markdown.documents()
const guides = documents.filter((file) => /^packages\/\w+\/docs\//.test(file))

/** A table as the formatter writes it. */
const tableOf = (headings: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: ReadonlyArray<string>, fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [line(headings), line([], "-"), ...rows.map((row) => line(row))].map((text) => `${text}\n`).join("")
}

/** The values of a property in JSON, in words. */
const valuesOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  // The only declared type of seeds.
  if (SchemaAST.isDeclaration(ast)) return ["time"]
  if (SchemaAST.isUndefined(ast)) return []
  if (SchemaAST.isNull(ast)) return ["`null`"]
  if (SchemaAST.isLiteral(ast)) return [`\`${JSON.stringify(ast.literal)}\``]
  if (SchemaAST.isUnion(ast)) {
    const values = new Set(ast.types.flatMap(valuesOf))
    // Any other string is valid as well.
    return [...values].filter((value) => !values.has("string") || !value.startsWith("`\""))
  }
  if (SchemaAST.isArrays(ast)) {
    return [`list of ${ast.rest.flatMap(valuesOf).map((value) => value === "map" ? "maps" : value).join(" or ")}`]
  }
  if (SchemaAST.isObjects(ast)) return ["map"]
  const words: Readonly<Record<string, string>> = { Boolean: "`true` or `false`", Number: "number", String: "string" }
  return [words[ast._tag] ?? ast._tag]
}

/** The properties of a seed. */
const seedTable = (seed: { readonly fields: Readonly<Record<string, Schema.Constraint>> }): string =>
  tableOf(
    ["property", "value"],
    Object.entries(seed.fields).map(([name, { ast }]) => [`\`${name}\``, valuesOf(ast).join(" or ")])
  )

/** The tables that repeat values of the code, each below a marker with its name. */
const tables: Readonly<Record<string, string>> = {
  checks: tableOf(["check", "reports"], Object.entries(HealthCheck.checks).map(([id, means]) => [`\`${id}\``, means])),
  metrics: tableOf(
    ["metric", "value"],
    Object.entries(BackupMetrics.metrics).map(([id, means]) => [`\`${id}\``, means])
  ),
  "seeds": seedTable(Seed.Seeds),
  "seed-of-an-index": seedTable(Seed.Index),
  "seed-of-a-schedule": seedTable(Seed.Schedule),
  "seed-of-a-run": seedTable(Seed.Run.members[1]),
  "seed-of-a-backup": seedTable(Seed.Backup),
  "seed-of-a-restore-job": seedTable(Seed.RestoreJob)
}

/** An example or a table in a document: the marker above it, its kind, its file or name, and the text. */
const copied = /(<!-- (example|table): (\S+) -->\n\n(?:```(?:ts|js)\n)?)((?<=```..\n)[^]*?(?=```)|(?:\|.*\n)*)/g

const copies = (text: string) =>
  [...text.matchAll(copied)].map(([, , kind = "", name = "", copy = ""]) => ({ kind, name, copy }))

const originalOf = (kind: string, name: string) => kind === "example" ? read(name) : tables[name]

const { UPDATE_GOLDEN } = process.env

describe.each(documents)("%s", (file) => {
  if (UPDATE_GOLDEN !== undefined) {
    writeFileSync(
      join(root, file),
      read(file).replaceAll(copied, (_, mark, kind, name) => `${mark}${originalOf(kind, name) ?? ""}`)
    )
  }
  const text = read(file)

  it("shows the examples and tables of the code", () => {
    const shown = copies(text)
    assert.lengthOf(shown, text.match(/<!-- (example|table):/g)?.length ?? 0)
    for (const { copy, kind, name } of shown) assert.strictEqual(copy, originalOf(kind, name), name)
  })

  it("links to files and headings that exist", () => {
    for (const link of Markdown.linksOf(text).filter((link) => !/^[a-z]+:/.test(link))) {
      const [path = "", anchor] = link.split("#")
      const target = path === "" ? file : join(dirname(file), path)
      assert.isNotEmpty(globSync(target, { cwd: root }), link)
      if (anchor !== undefined) assert.isTrue(Markdown.anchorsOf(read(target)).has(anchor), link)
    }
  })
})

describe("the documents", () => {
  it("show every example", () => {
    const shown = documents.flatMap((file) => copies(read(file)).map(({ name }) => name))
    // In the examples of testing, these names replace those of core.
    const others = ["compose", "health"].map((name) => `packages/testing/examples/${name}.ts`)
    assert.includeMembers([...shown, ...others], globSync("packages/{core,testing}/examples/*.{ts,cjs}", { cwd: root }))
    assert.includeMembers(shown, Object.keys(tables))
  })

  it.each(guides)("link to %s in the README of its package", (guide) => {
    const [, directory = "", path = ""] = /^(packages\/\w+)\/(.+)$/.exec(guide) ?? []
    assert.include(Markdown.linksOf(read(`${directory}/README.md`)), path)
    assert.include(JSON.parse(read(`${directory}/package.json`)).files, "docs")
  })
})

describe("the README of the testing package", () => {
  it("names the version of @effect/vitest in the catalog", () => {
    const version = /^ {2}"@effect\/vitest": (\S+)$/m.exec(read("pnpm-workspace.yaml"))?.[1]
    assert.isDefined(version)
    for (const directory of ["testing", "core"]) {
      assert.match(read(`packages/${directory}/README.md`), new RegExp(`\`@effect/vitest\`.* ${version}\\b`))
    }
  })
})

/** The rows of the tables whose first column is code: the cells, by the text of that code. */
const rowsOf = (text: string) =>
  new Map(
    [...text.matchAll(/^\| `.*\|$/gm)].map(([row]) => {
      const [first = "", ...cells] = row.split("|").slice(1, -1).map((cell) => cell.trim())
      return [first.replaceAll("`", ""), cells] as const
    })
  )

describe("the tables of errors", () => {
  const others: Readonly<
    Record<Exclude<PineconeError.ListError["_tag"], `Pinecone${PineconeError.ApiErrorName}`>, string>
  > = {
    PineconeUnrecognizedError: "by status",
    PineconeConnectionFailed: "transport",
    PineconeRequestTimedOut: "transport",
    PineconeMalformedResponse: "protocol",
    PineconePaginationLoop: "protocol",
    PineconeInvalidInput: "validation",
    PineconeHostRefused: "protocol"
  }

  it("have a row for every error in the guide, with the values of the code", () => {
    const rows = rowsOf(read("packages/core/docs/errors.md").split("\n## ")[0] ?? "")
    for (const [name, { category, code, status }] of Object.entries(PineconeError.apiErrors)) {
      assert.deepStrictEqual(rows.get(`Pinecone${name}`)?.slice(0, -1), [
        `\`${code}\``,
        String(status),
        category,
        PineconeError.isRetryableStatus(status) ? "yes" : "no"
      ], name)
    }
    for (const [tag, category] of Object.entries(others)) assert.strictEqual(rows.get(tag)?.[2], category, tag)
    assert.strictEqual(rows.size, Object.keys(PineconeError.apiErrors).length + Object.keys(others).length)
  })

  it("list every error in the README next to its category", () => {
    const section = read("README.md").split("\n## Errors\n")[1]?.split("\n## ")[0] ?? ""
    const shown = new Map(
      [...rowsOf(section)].flatMap(([category, [tags = ""]]) =>
        [...tags.matchAll(/`(\w+)`/g)].map(([, tag]) => [`Pinecone${tag}`, category] as const)
      )
    )
    const { PineconeUnrecognizedError: _, ...known } = others
    assert.deepStrictEqual(
      shown,
      new Map([
        ...Object.entries(PineconeError.apiErrors).map(([name, { category }]) =>
          [`Pinecone${name}`, category] as const
        ),
        ...Object.entries(known)
      ])
    )
    assert.include(section, "`UnrecognizedError`")
  })
})

describe("the documents of testing", () => {
  /** The names in the first column of the tables of a section. */
  const names = (file: string, heading: string) =>
    [
      ...rowsOf(read(`packages/testing/${file}`).split(`\n${heading}\n`)[1]?.split("\n## ")[0] ?? "")
        .keys()
    ].map((name) => name.replace(/\W.*/, ""))

  it("start with an example of fewer than 20 lines", () => {
    const [first] = copies(read("packages/testing/README.md"))
    assert.isBelow(first?.copy?.split("\n").length ?? Infinity, 20)
  })

  it("have a row for every switch, with its default", () => {
    const { switches } = Simulation.make()
    const rows = rowsOf(
      read("packages/testing/docs/simulation.md").split("\n## Switches\n")[1]?.split("\n## ")[0] ?? ""
    )
    assert.deepStrictEqual(
      [...rows].map(([name, cells]) => [name, cells.at(-1)]),
      Object.entries(switches).map(([name, value]) => [name, `\`${JSON.stringify(value)}\``])
    )
  })

  it("have a row for every fault", () => {
    const constructors = Object.entries(Fault)
      .filter(([name, value]) => /^[a-z]/.test(name) && value !== undefined)
      .map(([name]) => name)
    assert.sameMembers(names("docs/faults.md", "## All faults"), constructors)
    assert.strictEqual(constructors.length, Object.keys(Fault.Fault.cases).length)
  })

  it("have every control route", () => {
    const lines = read("packages/testing/docs/emulator.md").split("\n")
    for (const { method, path } of Object.values(ControlApi.ControlApi.groups.Emulator.endpoints)) {
      assert.isTrue(lines.some((line) => line.includes(path) && line.includes(method)), `${method} ${path}`)
    }
  })
})
