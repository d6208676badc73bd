import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { join } from "node:path"
import * as FormatNames from "../src/commands/audit/FormatNames.ts"
import * as Globals from "../src/input/Globals.ts"
import * as SameConnection from "../src/output/SameConnection.ts"
import { argumentsOf, home, type Options, run, runFast } from "./harness.ts"
import { project } from "./project.ts"
import * as Projects from "./projects.ts"

/** A project whose only index has no backup. */
const unprotected = (name: string) => ({ indexes: [{ name, deletionProtection: "enabled" as const }] })

/** The flags of a connection. */
const flagNames = ["--demo", "--no-demo", "--profile", "--api-key-file", "--host", "--insecure-http"]

/** The command lines that connect, in the output of any format. */
const commandsIn = (output: string): ReadonlyArray<ReadonlyArray<string>> =>
  output
    // The page has markup within commands.
    .replace(/<\/?span>/g, "").replaceAll("&#39;", "'").replaceAll("%0A", "\n")
    .split(/[\n\t"<`|]/)
    .flatMap((part) => /\bpcb (?:api|audit|backup|drill|policy|recover|restore|schedule) .*/.exec(part)?.[0] ?? [])
    // A next step ends with its reason.
    .map((line) => argumentsOf(line.replace(/ {3}\(.*\)$/, "")))

/** The flags of a connection in a command line, in order. */
const connectionOf = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.flatMap((arg, index) =>
    !flagNames.includes(arg) ? [] : arg === "--demo" || arg === "--insecure-http" ? [arg] : [arg, args[index + 1] ?? ""]
  )

/** Two projects in this process, and a home directory with their profiles and a file with the key of `prod`. */
const world = Effect.gen(function*() {
  const planes = { prod: yield* project(unprotected("in-prod")), test: yield* project(unprotected("in-test")) }
  const HOME = yield* Projects.homeWith({ prod: Projects.profile("prod"), test: Projects.profile("test") })
  const secrets = yield* home({ "the key": Projects.keyOf("prod") })
  const options: Options = { env: { HOME }, transport: Projects.services(planes) }
  return { options, keyFile: join(secrets, "the key") }
})

/** The flags that select a project, for a file with its key. */
const selections: Readonly<Record<string, (keyFile: string) => ReadonlyArray<string>>> = {
  demo: () => ["--demo"],
  profile: () => ["--profile", "prod"],
  "host, key file": (keyFile) => ["--api-key-file", keyFile, "--host", Projects.hostOf("prod")],
  "insecure host, key file": (keyFile) => [
    "--api-key-file",
    keyFile,
    "--host",
    Projects.hostOf("prod"),
    "--insecure-http"
  ]
}

const outputs = [
  ...FormatNames.names.map((format) => ["audit", format] as const),
  ...Globals.formats.map((format) => ["status", format] as const)
]

/** Returns `true` for outputs without commands. */
const isBare = (command: "audit" | "status", format: FormatNames.Name, areSeveral = false): boolean =>
  format === "id" || format === "prometheus" || (command === "status" && format === "tsv") ||
  (areSeveral && format === "nagios")

describe("commands in the output", { timeout: 30_000 }, () => {
  it.effect.each(
    outputs.flatMap((output) => Object.keys(selections).map((selection) => [...output, selection] as const))
  )("select the same project: %s -o %s of %s", ([command, format, selection]) =>
    Effect.gen(function*() {
      const { keyFile, options } = yield* world
      const flags = selections[selection]?.(keyFile) ?? []
      const { stderr, stdout } = yield* run([command, "-o", format, ...flags], options)
      const commands = commandsIn(stdout + stderr)
      assert.strictEqual(commands.length === 0, isBare(command, format), stdout + stderr)
      // Others read these formats.
      const isShared = ["github", "markdown", "html"].includes(format)
      const expected = flags.map((flag) => isShared && flag === keyFile ? "KEY-FILE" : flag)
      for (const args of commands) assert.deepStrictEqual(connectionOf(args), expected, args.join(" "))
    }))

  it.effect.each(outputs)(
    "select their own of several projects: %s -o %s",
    ([command, format]) =>
      Effect.gen(function*() {
        const { options } = yield* world
        const both = ["--profile", "prod", "--profile", "test"]
        const { stderr, stdout } = yield* run([command, "-o", format, ...both], options)
        const commands = commandsIn(stdout + stderr)
        assert.strictEqual(commands.length === 0, isBare(command, format, true), stdout + stderr)
        for (const args of commands) {
          const flags = args[0] === "audit" ? both : ["--profile", args.includes("in-prod") ? "prod" : "test"]
          assert.deepStrictEqual(connectionOf(args), flags, args.join(" "))
        }
      })
  )

  it.effect("are left out if a flag cannot be pasted", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const flags = ["--api-key-file", join(yield* home({ "a\tb": Projects.keyOf("prod") }), "a\tb")]
      const args = ["audit", "-o", "json", "--host", Projects.hostOf("prod"), ...flags]
      const { stdout } = yield* run(args, options)
      assert.include(stdout, "\"in-prod\"")
      assert.deepStrictEqual(commandsIn(stdout), [])
    }))
})

describe("a command in the hint of an error", () => {
  it.effect.each(["a, b.json", "a; b.json", "it's.json"])(
    "has the flags of the connection, also with the name %j",
    (name) =>
      Effect.gen(function*() {
        for (const asJson of [true, false]) {
          const flags = ["--demo", "--host", "http://127.0.0.1:5081"]
          const args = ["policy", "apply", "--plan", name, ...asJson ? ["--json"] : []]
          const { stderr } = yield* run([...args, ...flags])
          const commands = commandsIn(asJson ? JSON.parse(stderr).error.hint : stderr)
          assert.deepStrictEqual(commands, [["policy", "plan", "--out", name, ...flags]], stderr)
        }
      })
  )

  it.effect("stays in one piece on a narrow terminal, with the text around it on other lines", () =>
    Effect.gen(function*() {
      const flags = ["--demo", "--host", "http://127.0.0.1:5081"]
      const file = join(yield* home({ "the plan.json": "{}" }), "the plan.json")
      const { stderr } = yield* run(["policy", "apply", "--plan", file, ...flags], { errorColumns: 60 })
      const lines = stderr.split("\n").map((line) => line.trim().replace(/^try +/, ""))
      const at = lines.indexOf("delete the file, then")
      assert.strictEqual(lines[at + 1], `pcb policy plan --out '${file}' ${flags.join(" ")}`, stderr)
    }))

  it.effect.each(["/dev/fd/63", "/proc/self/fd/63"])(
    "does not name %s, which a shell removes",
    (path) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* SameConnection.flags, {
          text: " --api-key-file KEY-FILE",
          shared: " --api-key-file KEY-FILE"
        })
      }).pipe(
        Effect.provideService(Globals.Demo, Option.none()),
        Effect.provideService(Globals.Profiles, []),
        Effect.provideService(Globals.ApiKeyFile, Option.some(path)),
        Effect.provideService(Globals.Host, Option.none()),
        Effect.provideService(Globals.InsecureHttp, Option.none())
      )
  )

  it.effect("has the profile of its project, if there are several", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const both = ["--profile", "prod", "--profile", "down"]
      const HOME = yield* Projects.homeWith({ prod: Projects.profile("prod"), down: Projects.profile("down") })
      const { stdout } = yield* runFast(["audit", "-o", "json", ...both], { ...options, env: { HOME } })
      assert.include(stdout, "\"hint\":\"pcb doctor --profile down\"")
    }))

  it.effect("has no flags if the command does not connect", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const { stderr } = yield* run(["audit", "--profile", "new", "--host", Projects.hostOf("prod")], {
        ...options,
        env: { HOME: yield* home({ ".config/pcb/config.json": JSON.stringify({ profiles: {} }) }) }
      })
      assert.include(stderr, "pcb config set host https://api.pinecone.io --profile new\n")
    }))
})
