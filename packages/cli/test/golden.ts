import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as CliOutput from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { inspect } from "node:util"
import * as Machine from "../src/commands/doctor/Machine.ts"
import * as ChildProgram from "../src/commands/guard/ChildProgram.ts"
import * as DemoProject from "../src/demo/DemoProject.ts"
import * as Harness from "./harness.ts"
import * as Projects from "./projects.ts"

/**
 * A section of a golden file: a session on its own project, with the kind of screen, the commands and their output.
 * Lines of standard error start with `2> `.
 *
 *     === 60 columns, ascii
 *     $ pcb schedule list docs-restored
 *     2> No schedules yet
 *     $ PCB_OUTPUT=json pcb backup describe nope
 *     2> {"error":{…}}
 *     exit 3
 *
 * Words are quoted with `'`. `echo TEXT | pcb …` sets standard input, `| head -n 3` truncates the output, `sleep 5m`
 * advances the clock, and `fault Backups.list 503` fails the next request for a list of backups with this status.
 */
export interface Session {
  /** `pipe` or `80 columns`, and other properties: `24 rows`, `ascii`, `color`, and `projects` for several projects. */
  readonly where: string
  readonly steps: ReadonlyArray<Step>
}

export interface Step {
  /** The command line. */
  readonly line: string
  readonly output: ReadonlyArray<string>
}

// ============================================================================
// Files
// ============================================================================

const directory = new URL("./golden/", import.meta.url)

/** The names of the golden files. */
export const files = readdirSync(directory).map((file) => file.replace(/\.txt$/, ""))

const pathOf = (file: string) => new URL(`${file}.txt`, directory)

/** The commands of a session, each after a prompt. */
export const stepsOf = (text: string): ReadonlyArray<Step> =>
  text.trimEnd().split(/(?:^|\n)\$ /).slice(1).map((part) => {
    const [line = "", ...output] = part.split("\n")
    return { line, output }
  })

/** The sections of a golden file, as text. */
export const sectionsOf = (file: string): ReadonlyArray<string> =>
  readFileSync(pathOf(file), "utf8").split(/^(?==== )/m).filter((section) => section.startsWith("=== "))

export const parse = (section: string): Session => ({
  where: /^=== (.*)$/m.exec(section)?.[1] ?? "",
  steps: stepsOf(section)
})

export const format = ({ steps, where }: Session): string =>
  `=== ${where}\n${steps.map(({ line, output }) => [`$ ${line}`, ...output].join("\n")).join("\n")}\n`

/** Rewrites a section. */
export const update = (file: string, index: number, actual: Session): void =>
  writeFileSync(
    pathOf(file),
    sectionsOf(file).map((section, other) => format(other === index ? actual : parse(section))).join("\n")
  )

// ============================================================================
// Sessions
// ============================================================================

/** The words of a command line, without quotes. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ""))

const command =
  /^(?:echo (?<stdin>.*?) \| )?(?<variables>(?:[A-Z_]+=(?:'[^']*'|\S*) )*)pcb(?: (?<args>.*?))?(?: \| head -n (?<head>\d+))?$/

/** The simulated machine of a session. */
const machine: Machine.Service = {
  node: "24.21.0",
  platform: "linux",
  architecture: "x64",
  proxyFor: () => "http://proxy",
  resolve: () => Effect.succeed(["192.0.2.1"]),
  connect: () => Effect.void,
  secure: () => Effect.succeed("TLSv1.3")
}

/** The commands of `pcb guard`, which do not really run: `./migrate.sh` fails, `./stopped.sh` is ended by a signal. */
const programs: ChildProgram.Service = {
  check: ([program]) => Effect.succeed(program === "./mirgate.sh" ? 127 : undefined),
  run: ([program]) =>
    Effect.succeed(
      program === "./stopped.sh"
        ? { exitCode: 143, signal: "SIGTERM", isStarted: true }
        : { exitCode: program === "./migrate.sh" ? 1 : 0, signal: null, isStarted: true }
    )
}

/** Runs the commands of a session one after the other. The clock does not depend on their real duration. */
export const play = Effect.fnUntraced(
  function*(lines: ReadonlyArray<string>, options: Harness.Options) {
    const HOME = options.env?.HOME === undefined && lines.some((line) => /pcb (config|doctor|drill)/.test(line))
      ? yield* Harness.home()
      : undefined
    const runs: Array<Harness.Run> = []
    for (const line of lines) {
      const [word = "", subject = "", status] = line.split(" ")
      if (word === "sleep" || word === "fault") {
        yield* word === "sleep"
          ? TestClock.adjust(Number.parseInt(subject, 10) * 60_000)
          : options.on?.fault(
            Schema.decodeUnknownSync(Fault.Rule.fields.operation)(subject),
            Fault.respond({ status: Number(status) })
          ) ?? Effect.void
        runs.push({ exitCode: 0, stdout: "", stderr: "", drawn: "", written: [] })
        continue
      }
      const { args = "", head = "Infinity", stdin, variables = "" } = command.exec(line)?.groups ?? {}
      const { fiber, run } = yield* Harness.start(wordsOf(args), {
        ...options,
        stdin: stdin === undefined ? undefined : `${wordsOf(stdin).join(" ")}\n`,
        env: {
          ...(HOME !== undefined && { HOME }),
          ...options.env,
          ...Object.fromEntries(wordsOf(variables).map((variable) => variable.split("=")))
        }
      })
      if (/wait|follow|recover|guard .* -- /.test(args) || lines.some((line) => line.startsWith("fault "))) {
        while (fiber.pollUnsafe() === undefined) {
          // Run all other fibers before advancing the clock.
          yield* Effect.repeat(Effect.yieldNow, { times: 5 })
          yield* TestClock.adjust(args.includes("follow") ? "1 minute" : "1 second")
        }
      }
      const { written, ...rest } = yield* run
      const hide = (text: string) => {
        const home = HOME ?? options.env?.HOME
        return home === undefined ? text : text.replaceAll(home, "/home/you")
      }
      const cut = (text: string) => text.split("\n").slice(0, Number(head)).join("\n")
      runs.push({ ...rest, written: written.map(({ text, to }) => ({ to, text: cut(hide(text)) })) })
    }
    return runs
  },
  Effect.provideService(Machine.Machine, machine),
  Effect.provideService(ChildProgram.ChildProgram, programs),
  Random.withSeed("golden")
)

/** The demo project, on the test's clock. */
const project = Effect.gen(function*() {
  const { now = yield* DateTime.now, ...options } = DemoProject.options
  yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(now)))
  return yield* ControlPlane.make({ ...options, speed: 1 })
})

/** Colors and text styles as marks: `<red>✗</red>`. */
const withMarks = (text: string): string => {
  // Any other code ends a style.
  const names = new Map(
    ["bold", "dim", "red", "green", "yellow"].map((name) => [String(inspect.colors[name]?.[0]), name])
  )
  const open: Array<string | undefined> = []
  const [first = "", ...rest] = text.split("\u001b[")
  return rest.reduce((marked, part) => {
    const [, code = "", after = ""] = /^(\d+)m([^]*)$/.exec(part) ?? []
    const name = names.get(code)
    if (name === undefined) return `${marked}</${open.pop()}>${after}`
    open.push(name)
    return `${marked}<${name}>${after}`
  }, first)
}

/**
 * Profiles with projects of their own: `prod` is the demo project, `backup-of-prod` shows the same project, `staging` has
 * one unprotected index, `empty` has none, the host of `eu` is down, and `bare` has no key.
 */
const projects = Effect.gen(function*() {
  const demo = yield* project
  const services = {
    prod: demo,
    "backup-of-prod": demo,
    staging: yield* ControlPlane.make({
      indexes: [{ id: "index-of-staging", name: "docs", deletionProtection: "enabled" }],
      project: { id: "project-staging" }
    }),
    empty: yield* ControlPlane.make({ project: { id: "project-empty" } })
  }
  const HOME = yield* Projects.homeWith({
    staging: Projects.profile("staging"),
    prod: Projects.profile("prod"),
    "backup-of-prod": Projects.profile("prod"),
    empty: Projects.profile("empty"),
    eu: { ...Projects.profile("eu"), "api-key": undefined, "api-key-file": "missing.key" },
    us: { ...Projects.profile("staging"), "api-key": "pcsk_revoked" },
    bare: { time: "utc" }
  })
  return { transport: Projects.services(services), env: { HOME } }
})

/** Runs a session and returns its output. */
export const transcript = Effect.fnUntraced(function*({ steps, where }: Session) {
  const [width = "", ...more] = where.split(", ")
  const columns = width === "pipe" ? undefined : Number.parseInt(width, 10)
  const rows = more.find((property) => property.endsWith(" rows"))
  const runs = yield* play(steps.map(({ line }) => line), {
    ...(more.includes("projects") ? yield* projects : { on: yield* project }),
    columns,
    rows: rows === undefined ? undefined : Number.parseInt(rows, 10),
    errorColumns: columns,
    isUnicode: !more.includes("ascii"),
    isColored: more.includes("color")
  })
  const session: Session = {
    where,
    steps: runs.map(({ exitCode, written }, index) => ({
      line: steps[index]?.line ?? "",
      output: [
        ...written.flatMap(({ text, to }) =>
          to === "drawn"
            ? []
            : withMarks(text).replace(/\n$/, "").split("\n").map((line) =>
              to === "stderr" ? `2> ${line}`.trimEnd() : line
            )
        ),
        ...(exitCode === 0 ? [] : [`exit ${exitCode}`])
      ]
    }))
  }
  return session
})

/** The width of a line on the screen. */
export const widthOf = (line: string): number => CliOutput.displayWidth(line)
