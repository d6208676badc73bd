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
import * as Projects from "../../input/Projects.ts"
import * as Target from "../../input/Target.ts"
import * as FailOn from "./FailOn.ts"
import * as FormatNames from "./FormatNames.ts"

const ids: ReadonlyMap<string, HealthCheck.HealthCheck> = new Map(HealthCheck.ids.map((id) => [id, id]))

/** A repeatable flag for check IDs, also comma-separated. */
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

/** Parses the URL of `--ping`. */
const pingUrlOf = (text: string): Option.Option<URL> =>
  Option.filter(
    Option.liftThrowable((text: string) => new URL(text))(text),
    (url) => url.username === "" && url.password === "" && /^https?:$/.test(url.protocol) && !Host.isInsecure(url)
  )

const audit = Command.make("audit", {
  target: Target.several("index", "Name of an index; omit to audit all indexes"),
  output: Flag.Literals("output", FormatNames.names).pipe(
    Flag.withAlias("o"),
    Flags.optional("Output format [report on a terminal, tsv in a pipe; PCB_OUTPUT]")
  ),
  policy: Flag.String("policy").pipe(
    Flag.withMetavar("<file>"),
    Flags.optional("Policy file, YAML or JSON [pinecone-backups.policy.yaml, .yml or .json in the current directory]")
  ),
  maxAge: Flags.duration("max-age").pipe(
    Flags.optional("Maximum age of the newest usable backup [depends on the schedule]")
  ),
  minCopies: Flags.count("min-copies").pipe(Flags.optional("Minimum number of usable backups per index")),
  maxShrink: Flag.String("max-shrink").pipe(
    Flag.withMetavar("<share>"),
    Flag.filterMap(
      (text) => {
        const [, digits, percent] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? []
        const share = Number(digits) / (percent === "%" ? 100 : 1)
        return share <= 1 ? Option.some(share) : Option.none()
      },
      () => "Expected a share such as 50% or 0.5"
    ),
    Flags.optional("Maximum drop in size compared with earlier backups [50%]")
  ),
  quota: Flags.count("quota").pipe(
    Flags.optional("Backup quota of the project [500 or 1000, depending on the plan]")
  ),
  since: Flags.duration("since").pipe(
    Flags.optional("Report failed and missed runs from this period, even if a later run succeeded [7d]")
  ),
  only: checks("only", "Run only this check (repeatable, or comma-separated)"),
  skip: checks("skip", "Skip this check (repeatable, or comma-separated)"),
  failOn: Flag.Literals("fail-on", FailOn.names).pipe(
    Flags.optional(`Lowest severity that fails the audit (exit code 0 below it) [${FailOn.usual}]`)
  ),
  allProfiles: Projects.allProfiles,
  allowEmpty: Flags.toggle("allow-empty", "Report a project without indexes as ok instead of unknown"),
  timeout: Flags.duration("timeout").pipe(
    Flags.optional("Maximum time for an audit; after that, the status is unknown [50s with -o nagios, else no limit]")
  ),
  ping: Flag.String("ping").pipe(
    Flag.withMetavar("<url>"),
    // The URL works like a password, so the message does not repeat it.
    Flag.mapEffect((text) =>
      Effect.mapError(Effect.fromOption(pingUrlOf(text)), () =>
        new CliError.InvalidValue({
          option: "ping",
          value: "…",
          expected: "Expected a URL such as https://hc-ping.com/…",
          kind: "flag"
        }))
    ),
    Flags.optional("Ping a monitor: <url>/start before the audit, then <url> or <url>/fail")
  ),
  listen: Listen.address(
    9464,
    "Keep auditing and serve a page, /metrics for Prometheus and /healthz; the host defaults to 127.0.0.1"
  ),
  allowHosts: Listen.allowHosts,
  interval: Flags.duration("interval").pipe(Flags.isInterval, Flags.optional("Audit interval for --listen [5m]"))
}).pipe(
  Command.validate(Effect.fnUntraced(function*({ allowHosts, interval, listen, only, output, skip, target }) {
    // An audit without checks must not report ok.
    if ((only.length === 0 ? HealthCheck.ids : only).every((check) => skip.includes(check))) {
      return yield* new CliError.ValidationError({ message: "--only and --skip exclude every check" })
    }
    if (Target.all(target).includes("")) {
      return yield* new CliError.ValidationError({ message: "Expected the name of an index, got an empty string" })
    }
    if (Option.isSome(interval) && Option.isNone(listen)) {
      return yield* new CliError.ValidationError({ message: "--interval requires --listen" })
    }
    if (allowHosts.length > 0 && Option.isNone(listen)) {
      return yield* new CliError.ValidationError({ message: "--allow-host requires --listen" })
    }
    if (Option.isSome(listen) && Option.isSome(output)) {
      return yield* new CliError.ValidationError({ message: "--listen cannot be combined with --output" })
    }
  })),
  Command.withAlias("check"),
  Command.withShortDescription("Check backup health and print fixes"),
  Documentation.of(
    "Check backup health and print fixes. Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown",
    {
      "pcb audit": "Audit every index, worst first",
      "pcb audit docs wiki --max-age 26h --min-copies 7": "Audit two indexes against limits",
      "pcb audit --profile prod --profile staging": "Audit the projects of two profiles on one page",
      "pcb audit -o nagios --skip untested,orphan": "Run as a Nagios or Icinga plugin",
      "pcb audit -o github --fail-on critical": "Check in GitHub Actions, without failing on warnings",
      "pcb audit -o html > backups.html": "Write a page for people without a terminal",
      "pcb audit --listen :9464": "Serve a page, and metrics for Prometheus"
    }
  )
)

/** `pcb audit` */
export const command = Handler.from(() => import("./handler.ts"))(
  audit,
  (_) => _.audit,
  // A ping follows the report, and must not wait until the user quits the pager.
  ({ listen, ping }) => Option.isNone(listen) && Option.isNone(ping),
  ({ output }) => output
)
