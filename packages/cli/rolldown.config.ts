import { globSync, readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, relative } from "node:path"
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
 * A segmenter takes 10 ms to make, and a set of characters up to 0.5 ms. The module that helps with help makes them while
 * it is loaded, to measure texts that no help page has. Here they are made when a text is measured.
 */
const lazyWidths: Plugin = {
  name: "lazy-widths",
  transform: {
    filter: { id: /effect[\\/]dist[\\/]cli[\\/]CliOutput\.js$/ },
    handler(code) {
      const [eager, options] =
        /(?<=const graphemeSegmenter = )(?:\/\*#__PURE__\*\/\s*)?new Intl\.Segmenter\((.*?)\)(?=;)/s.exec(code) ??
          this.error("No segmenter found")
      const segmenter = code.replace(
        eager,
        `{ segment: (text) => (lazySegmenter ??= new Intl.Segmenter(${options})).segment(text) }; let lazySegmenter`
      )
      return ["zeroWidthCodePoints", "emojiPresentation"].reduce((code, name) => {
        const [, set = ""] = new RegExp(`const ${name} = (/.*/g?u);`).exec(code) ?? this.error(`No ${name} found`)
        return code.replaceAll(new RegExp(`(?<!const )\\b${name}\\b`, "g"), () => set)
      }, segmenter)
    }
  }
}

/**
 * Effect asks whether the engine marks stack traces, by formatting one, for which Node.js loads a part of itself: 1 ms.
 * The engine of Node.js and Deno does, that of Bun does not.
 */
const knownEngine: Plugin = {
  name: "known-engine",
  transform: {
    filter: { id: /effect[\\/]dist[\\/](Utils|internal[\\/]effect)\.js$/ },
    handler(code) {
      const known = code.replace(
        /(?<=^export const internalCall = )\/\*#__PURE__\*\/pickInternalCall\(\)(?=;)|(?<=^const continuationMarksStack = )\/\*#__PURE__\*\/\(\(\) => \{.*?\n\}\)\(\)(?=;)/ms,
        (probe) => probe.includes("pick") ? "body => { try { return body() } finally {} }" : "!process.versions.bun"
      )
      return known === code ? this.error("No probe found") : known
    }
  }
}

/**
 * The parser has flags that no command line here has, and for them a wizard, prompts and completions: a tenth of what
 * help loads.
 */
const knownFlags: Plugin = {
  name: "known-flags",
  transform: {
    filter: { id: /effect[\\/]dist[\\/]cli[\\/](CliConfig|Command)\.js$/ },
    handler(code) {
      const known = code.replace("builtIns: GlobalFlag.BuiltIns", "builtIns: [GlobalFlag.Help]")
        .replace(/^ {6}if \(flag === GlobalFlag\.Wizard\) \{\n.*?^ {6}\}\n/ms, "")
      return known === code ? this.error("No built-in flags found") : known
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
export const lazy: ReadonlyArray<Plugin> = [lazyWidths, knownEngine, knownFlags, lazyNode, lazyHttp]

/** What the bundler may leave out. The benchmark uses it, too. */
export const treeshake = {
  moduleSideEffects: false,
  propertyReadSideEffects: false,
  unknownGlobalSideEffects: false
} as const

const entries = (pattern: string) => globSync(pattern, { cwd: import.meta.dirname }).sort()

/**
 * Entry modules of the files that most commands load. A file also has everything that its entries import, unless a file
 * before it has that. So a command loads few files.
 */
const files = {
  /** Help and usage errors, and the definitions of all commands. */
  main: ["src/main.ts", ...entries("src/commands/*/command.ts")],
  /** Commands that read and change single backups and schedules. */
  services: [
    "src/Connection.ts",
    "src/config/NodeTransport.ts",
    "src/output/DescribeError.ts",
    "src/commands/backup/handler.ts",
    "src/commands/restore/handler.ts",
    ...entries("src/commands/schedule/*-handler.ts")
  ],
  /** The demo project. */
  demo: ["src/demo/DemoProject.ts"]
}

/**
 * No dependencies, so that `npx` is quick. There is a file that knows every command and runs none, which is all that
 * help and mistakes need; some that most commands share; one for each other command; and some for what is rarely asked
 * for. Beside them, a few lines that have Node keep what it compiles.
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
      groups: Object.entries(files).map(([name, entries], index, { length }) => ({
        name,
        test: (id) => entries.includes(relative(import.meta.dirname, id)),
        priority: length - index
      }))
    }
  },
  treeshake,
  // They would be printed on every build.
  checks: { pluginTimings: false },
  plugins: [...lazy, notices]
})
