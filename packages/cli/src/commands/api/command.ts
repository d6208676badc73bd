/** `pcb api` */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Flags from "../../input/Flags.ts"

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

const api = Command.make("api", {
  method: Argument.String("method").pipe(
    Argument.filterMap(
      (text) => Option.fromUndefinedOr(methods.find((method) => method === text.toUpperCase())),
      () => `Expected ${methods.join(", ")}`
    ),
    Argument.withDescription(`What to do: ${methods.join(", ")}`)
  ),
  path: Argument.String("path").pipe(
    Argument.filter(
      (path) => !/:\/\/|[\s\\#]|(^|\/)\.\.?(\/|\?|$)/.test(path),
      () => "Expected a path like /indexes, without a host, blanks, # or .."
    ),
    Argument.withDescription("What to do it with: /indexes")
  ),
  fields: Flag.KeyValuePair("field").pipe(
    Flag.withMetavar("<name=value>"),
    Flag.withDescription("A field of the body or, of GET and DELETE, of the query; what is JSON is sent as that"),
    Flag.optional
  ),
  input: Flag.String("input").pipe(
    Flag.withMetavar("<path|->"),
    Flag.withDescription("The body, from a file or from standard input"),
    Flag.optional
  ),
  paginate: Flag.Boolean("paginate").pipe(
    Flag.withDescription("Ask for every page, and print all rows in one document; with -o ndjson one a line"),
    Flag.withDefault(false)
  ),
  yes: Flags.yes,
  dryRun: Flags.dryRun
}).pipe(
  Command.withDescription("Send any request, with the key, host and version of the other commands"),
  Command.withExamples([
    { command: "pcb api GET /indexes", description: "What the service says, as it says it" },
    { command: "pcb api GET /backups --paginate -o ndjson | jq .name", description: "All pages of a list" },
    {
      command: "pcb api PATCH /backup-schedules/c688ed12-5a39-4254-9518-bd394b7f4886 --field enabled=false",
      description: "Something that changes"
    },
    { command: "pcb api DELETE /indexes/docs-restored --dry-run", description: "What would be sent" }
  ])
)

/** `pcb api` */
export const command = Handler.from(() => import("./handler.ts"))(api, (_) => _.api)
