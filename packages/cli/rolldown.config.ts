import { defineConfig } from "rolldown"

/** One file without dependencies, so that `npx` is quick; what only `--demo` needs is a chunk of its own. */
export default defineConfig({
  input: "src/bin.ts",
  platform: "node",
  output: { dir: "dist", format: "esm", minify: true, sourcemap: false, chunkFileNames: "[name].js" },
  treeshake: { moduleSideEffects: false }
})
