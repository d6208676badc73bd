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
    Argument.withDescription(`HTTP method: ${methods.join(", ")}`)
  ),
  path: Argument.String("path").pipe(
    Argument.filter(
      (path) => !/:\/\/|[\s\\#]|(^|\/)\.\.?(\/|\?|$)/.test(path),
      () => "Expected a path such as /indexes, without a host, spaces, # or .."
    ),
    Argument.withDescription("Request path, such as /indexes")
  ),
  fields: Flag.KeyValuePair("field").pipe(
    Flag.withMetavar("<name=value>"),
    Flags.optional("Field of the body, or of the query for GET and DELETE; JSON values are sent as JSON (repeatable)")
  ),
  input: Flag.String("input").pipe(
    Flag.withMetavar("<path|->"),
    Flags.optional("Read the body from this file, or from standard input (-)")
  ),
  paginate: Flags.toggle(
    "paginate",
    "Fetch every page and print all rows as one document, or one row per line with -o ndjson"
  ),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Documentation.of("Send any request, using the configured key, host and API version", {
    "pcb api GET /indexes": "Print the response unchanged",
    "pcb api GET /backups --paginate -o ndjson | jq .name": "Fetch all pages of a list",
    "pcb api PATCH /backup-schedules/c688ed12-5a39-4254-9518-bd394b7f4886 --field enabled=false": "Pause a schedule",
    "pcb api DELETE /indexes/docs-restored --dry-run": "Preview a request"
  })
)

/** `pcb api` */
export const command = Handler.from(() => import("./handler.ts"))(api, (_) => _.api)
