/**
 * Checks that `assets.generated.ts` has the style and the script of the page of `pcb audit`, minified, and their hashes.
 * `--write` updates it. The style is Simple.css in a cascade layer, so that every rule of `page.css` overrides it.
 */
import { transform } from "esbuild"
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"

const directory = join(import.meta.dirname, "../packages/cli/src/commands/audit/html")
const file = join(directory, "assets.generated.ts")

const require = createRequire(import.meta.url)
const base = readFileSync(require.resolve("simpledotcss/simple.css"), "utf8")
const own = (name: string) => readFileSync(join(directory, name), "utf8")

const minified = async (source: string, loader: "css" | "js") =>
  (await transform(source, { loader, minify: true, charset: "utf8", target: loader === "js" ? "es2022" : "chrome120" }))
    .code.trim()

const style = await minified(`@layer base{${base}}${own("page.css")}`, "css")
const script = await minified(`{${own("live.js")}}`, "js")

for (const text of [style, script]) {
  if (/<\/|<!--|@import|url\(/i.test(text)) {
    throw new Error("The style and the script must load nothing and end no element")
  }
}

const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`

const expected = `// dprint-ignore-file
/** The style and the script of the page, and their hashes. Written by \`node scripts/page.ts --write\`. */
export const style = ${JSON.stringify(style)}
export const styleHash = ${JSON.stringify(hash(style))}
export const script = ${JSON.stringify(script)}
export const scriptHash = ${JSON.stringify(hash(script))}
`

if (process.argv.includes("--write")) {
  writeFileSync(file, expected)
} else if (readFileSync(file, "utf8") !== expected) {
  console.error(`${file} does not match its sources: run node scripts/page.ts --write`)
  process.exitCode = 1
}
