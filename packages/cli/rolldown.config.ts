import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { defineConfig, type Plugin } from "rolldown"

/** The licences of the packages that end up in the bundle, which ask to be shipped along. */
const notices: Plugin = {
  name: "notices",
  generateBundle(_, bundle) {
    const roots = new Set(
      Object.values(bundle).flatMap((chunk) => chunk.type === "chunk" ? chunk.moduleIds : []).flatMap((id) =>
        /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []
      )
    )
    const sections = [...roots].sort().map((root) => {
      const { license, name, version } = createRequire(import.meta.url)(`${root}/package.json`)
      return `${name} ${version} (${license})\n\n${readFileSync(`${root}/LICENSE`, "utf8").trim()}\n`
    })
    if (sections.length === 0) this.error("No licences found")
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source: sections.join("\n\n") })
  }
}

/**
 * No dependencies, so that `npx` is quick. What only `--demo` needs is a chunk of its own, and so is everything but the
 * few lines that have Node keep what it compiles.
 */
export default defineConfig({
  input: "src/bin.ts",
  platform: "node",
  output: { dir: "dist", format: "esm", minify: true, sourcemap: false, chunkFileNames: "[name].js", cleanDir: true },
  treeshake: { moduleSideEffects: false },
  plugins: [notices]
})
