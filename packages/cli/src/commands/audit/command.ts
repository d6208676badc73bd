/** `pcb audit` */
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as Host from "@pinecone-backups/core/Host"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Listen from "../../input/Listen.ts"
import * as Target from "../../input/Target.ts"
import * as FailOn from "./FailOn.ts"
import * as FormatNames from "./FormatNames.ts"

const ids: ReadonlyMap<string, HealthCheck.HealthCheck> = new Map(HealthCheck.ids.map((id) => [id, id]))

/** Checks, again and again or with commas between them. */
const checks = (name: string, description: string) =>
  Flags.repeated(Flag.String(name).pipe(Flag.withMetavar("<check>"), Flag.withDescription(description))).pipe(
    Flag.mapEffect((texts) =>
      Effect.forEach(texts.flatMap((text) => text.split(",")), (text) => {
        const id = ids.get(text.trim())
        return id !== undefined ? Effect.succeed(id) : Effect.fail(
          new CliError.InvalidValue({
            option: name,
            value: text.trim(),
            expected: HealthCheck.ids.map((id) => `"${id}"`).join(" | "),
            kind: "flag"
          })
        )
      })
    )
  )

/** What tells somebody else that an audit was made. */
const pingUrlOf = (text: string): Option.Option<URL> =>
  Option.filter(
    Option.liftThrowable((text: string) => new URL(text))(text),
    (url) => url.username === "" && url.password === "" && /^https?:$/.test(url.protocol) && !Host.isInsecure(url)
  )

const audit = Command.make("audit", {
  target: Target.several("index", "Name of the index: every one of the project, if none is named"),
  output: Flag.Literals("output", FormatNames.names).pipe(
    Flag.withAlias("o"),
    Flags.optional("How to print the result [a page on a terminal, TSV in a pipe; PCB_OUTPUT]")
  ),
  policy: Flag.String("policy").pipe(
    Flag.withMetavar("<file>"),
    Flags.optional("What is wanted, in YAML or JSON [pinecone-backups.policy.yaml or .json that is here]")
  ),
  maxAge: Flags.duration("max-age").pipe(
    Flags.optional("How old the newest usable backup may be [as its schedule allows]")
  ),
  minCopies: Flags.count("min-copies").pipe(Flags.optional("How many usable backups there must be")),
  maxShrink: Flag.String("max-shrink").pipe(
    Flag.withMetavar("<share>"),
    Flag.filterMap(
      (text) => {
        const [, digits, percent] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? []
        const share = Number(digits) / (percent === "%" ? 100 : 1)
        return share <= 1 ? Option.some(share) : Option.none()
      },
      () => "Expected a share like 50% or 0.5"
    ),
    Flags.optional("By which share a backup may be smaller than those before it [50%]")
  ),
  quota: Flags.count("quota").pipe(
    Flags.optional("How many backups the project may have [what the plans allow: 500 or 1000]")
  ),
  since: Flags.duration("since").pipe(
    Flags.optional("How far back runs that failed or are missing are looked for, if a later one was good [7d]")
  ),
  only: checks("only", "Only this check; may be repeated, or have commas"),
  skip: checks("skip", "All but this check; may be repeated, or have commas"),
  failOn: Flag.Literals("fail-on", FailOn.names).pipe(
    Flags.optional(`The least severity that fails: below it, exit with 0 [${FailOn.usual}]`)
  ),
  allowEmpty: Flags.toggle("allow-empty", "Accept a project without any index, which is unknown otherwise"),
  timeout: Flags.duration("timeout").pipe(
    Flags.optional("How long an audit may take before it is unknown [50s with -o nagios, else no limit]")
  ),
  ping: Flag.String("ping").pipe(
    Flag.withMetavar("<url>"),
    // Who knows the address can use it, so that it is not repeated.
    Flag.mapEffect((text) =>
      Effect.mapError(Effect.fromOption(pingUrlOf(text)), () =>
        new CliError.InvalidValue({
          option: "ping",
          value: "…",
          expected: "Expected a URL like https://hc-ping.com/…",
          kind: "flag"
        }))
    ),
    Flags.optional("Say that it was made: asks for <url>/start before, and <url> or <url>/fail after")
  ),
  listen: Listen.address(
    9464,
    "Go on, and serve /metrics for Prometheus and /healthz; on 127.0.0.1, if no host is given"
  ),
  allowHosts: Listen.allowHosts,
  interval: Flags.duration("interval").pipe(Flags.isInterval, Flags.optional("How often --listen looks again [5m]"))
}).pipe(
  Command.validate(Effect.fnUntraced(function*({ allowHosts, interval, listen, only, output, skip, target }) {
    // What has not looked at anything must not say that all is well.
    if ((only.length === 0 ? HealthCheck.ids : only).every((check) => skip.includes(check))) {
      return yield* new CliError.ValidationError({ message: "--only and --skip leave no check" })
    }
    if (Target.all(target).includes("")) {
      return yield* new CliError.ValidationError({ message: "Expected the name of an index, got nothing" })
    }
    if (Option.isSome(interval) && Option.isNone(listen)) {
      return yield* new CliError.ValidationError({ message: "--interval says how often to look: it needs --listen" })
    }
    if (allowHosts.length > 0 && Option.isNone(listen)) {
      return yield* new CliError.ValidationError({ message: "--allow-host says whom to answer: it needs --listen" })
    }
    if (Option.isSome(listen) && Option.isSome(output)) {
      return yield* new CliError.ValidationError({ message: "--listen prints nothing, and does not go with --output" })
    }
  })),
  Command.withAlias("check"),
  Command.withShortDescription("Say whether the backups are good, and how to mend what is not"),
  Documentation.of(
    "Say whether the backups are good, and how to mend what is not. Exits with 0 ok, 1 warning, 2 critical, 3 unknown",
    {
      "pcb audit": "Every index, the worst first",
      "pcb audit docs wiki --max-age 26h --min-copies 7": "Two of them, and what is wanted",
      "pcb audit -o nagios --skip untested,orphan": "As a plugin of Nagios or Icinga",
      "pcb audit -o github --fail-on critical": "As a check of a workflow, which a warning does not fail",
      "pcb audit --listen :9464": "For Prometheus"
    }
  )
)

/** `pcb audit` */
export const command = Handler.from(() => import("./handler.ts"))(audit, (_) => _.audit)
