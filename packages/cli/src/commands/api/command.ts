/** `pcb api` */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
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
    Flags.optional("A field of the body or, of GET and DELETE, of the query; what is JSON is sent as that")
  ),
  input: Flag.String("input").pipe(
    Flag.withMetavar("<path|->"),
    Flags.optional("The body, from a file or from standard input")
  ),
  paginate: Flags.toggle(
    "paginate",
    "Ask for every page, and print all rows in one document; with -o ndjson one a line"
  ),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Documentation.of("Send any request, with the key, host and version of the other commands", {
    "pcb api GET /indexes": "What the service says, as it says it",
    "pcb api GET /backups --paginate -o ndjson | jq .name": "All pages of a list",
    "pcb api PATCH /backup-schedules/c688ed12-5a39-4254-9518-bd394b7f4886 --field enabled=false":
      "Something that changes",
    "pcb api DELETE /indexes/docs-restored --dry-run": "What would be sent"
  })
)

/** `pcb api` */
export const command = Handler.from(() => import("./handler.ts"))(api, (_) => _.api)
