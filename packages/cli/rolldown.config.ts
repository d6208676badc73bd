import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
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
    // Its text is in a generated file, so no module shows that it is part of the bundle.
    roots.add(
      dirname(createRequire(new URL("../../package.json", import.meta.url)).resolve("simpledotcss/package.json"))
    )
    const sections = [...roots].sort().map((root) => {
      const { license, name, version } = createRequire(import.meta.url)(`${root}/package.json`)
      const file = readdirSync(root).find((name) => /^licen[cs]e(\.|$)/i.test(name)) ??
        this.error(`No licence in ${root}`)
      return `${name} ${version} (${license})\n\n${readFileSync(`${root}/${file}`, "utf8").trim()}\n`
    })
    if (sections.length === 0) this.error("No licences found")
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source: sections.join("\n\n") })
  }
}

/**
 * A segmenter takes 10 ms to make, and the module that helps with help makes one while it is loaded, to measure texts
 * that no help page has. Here it is made when it is first asked for.
 */
const lazySegmenter: Plugin = {
  name: "lazy-segmenter",
  transform: {
    filter: { id: /effect[\\/]dist[\\/]cli[\\/]CliOutput\.js$/ },
    handler(code) {
      const [eager, options] =
        /(?<=const graphemeSegmenter = )(?:\/\*#__PURE__\*\/\s*)?new Intl\.Segmenter\((.*?)\)(?=;)/s.exec(code) ??
          this.error("No segmenter found")
      return code.replace(
        eager,
        `{ segment: (text) => (lazySegmenter ??= new Intl.Segmenter(${options})).segment(text) }; let lazySegmenter`
      )
    }
  }
}

/**
 * A part of Node is loaded whole when it is imported, and cryptography alone takes 5 ms. The services of files and of
 * the terminal import much and use little: here they get a part when they first ask it for something.
 */
const lazyNode: Plugin = {
  name: "lazy-node",
  transform: {
    filter: { id: /[\\/]@effect[\\/]platform-node-shared[\\/]/ },
    handler: (code) =>
      code.replace(
        /^import \* as (\w+) from ("node:(?:crypto|fs|readline)");$/gm,
        "const $1 = new Proxy({}, { get: (_, name) => process.getBuiltinModule($2)[name] });"
      )
  }
}

/**
 * The same for the client, and for the server of the emulator: to a service that is not encrypted, on this machine, none
 * of what encrypts is loaded.
 */
const lazyHttp: Plugin = {
  name: "lazy-http",
  transform: {
    filter: { id: /[\\/]@effect[\\/]platform-node[\\/]dist[\\/]internal[\\/]http\.js$/ },
    handler(code) {
      const eager = /^export const (\w+) = .*?require\(("node:https?")\);$/gm
      if (code.match(eager)?.length !== 2) this.error("No node:http and node:https found")
      return code.replace(
        eager,
        "export const $1 = new Proxy({}, { get: (_, name) => process.getBuiltinModule($2)[name] });"
      )
    }
  }
}

/** Plugins that make a command line start faster. The benchmark of the smallest command line uses them, too. */
export const lazy: ReadonlyArray<Plugin> = [lazySegmenter, lazyNode, lazyHttp]

/**
 * No dependencies, so that `npx` is quick. There is a chunk that knows every command and runs none, which is all that
 * help and mistakes need; one with what most commands run on; one for each group of commands; and some for what is
 * rarely asked for. Beside them, a few lines that have Node keep what it compiles.
 */
export default defineConfig({
  input: "src/bin.ts",
  platform: "node",
  output: {
    dir: "dist",
    format: "esm",
    minify: true,
    sourcemap: false,
    chunkFileNames: "[name].js",
    cleanDir: true,
    codeSplitting: {
      groups: [
        { name: "main", test: /[\\/]src[\\/]main\.ts$/, priority: 2 },
        {
          name: "services",
          test: /[\\/]src[\\/](Connection|config[\\/]NodeTransport|output[\\/]DescribeError|shared[\\/]Selector)\.ts$/,
          priority: 1
        }
      ]
    }
  },
  treeshake: { moduleSideEffects: false },
  plugins: [...lazy, notices]
})
