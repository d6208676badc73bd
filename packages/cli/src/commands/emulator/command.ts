/** `pcb emulator` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Listen from "../../input/Listen.ts"

const perUnit: Readonly<Record<string, Duration.Duration>> = {
  s: Duration.seconds(1),
  m: Duration.minutes(1),
  h: Duration.hours(1)
}

const emulator = Command.make("emulator", {
  listen: Listen.address(
    5081,
    "Where to listen, such as 0.0.0.0:5081 in a container; port 0 is any that is free [127.0.0.1:5081]"
  ),
  port: Flag.Int("port").pipe(
    Flag.filter((port) => port >= 0 && port <= 65_535, (port) => `Expected a port from 0 to 65535, got ${port}`),
    Flags.optional("The same as --listen :<port>")
  ),
  allowHosts: Listen.allowHosts,
  allowControl: Flags.toggle(
    "allow-control",
    "Open the routes under /_emulator, which need no key, to other machines, and with --cors to pages"
  ),
  cors: Flags.toggle("cors", "Send CORS headers, for pages in a browser whose origin is this machine"),
  corsOrigins: Listen.corsOrigins,
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("<demo|empty|file>"),
    Flag.withDescription("What there is to begin with: the demo project, nothing, or what a JSON file says [demo]"),
    Flag.withDefault("demo")
  ),
  speed: Flag.String("speed").pipe(
    Flag.withMetavar("<factor>"),
    Flag.filterMap(
      (text) => {
        const factor = /^\d+(\.\d+)?x?$/.test(text) ? parseFloat(text) : Infinity
        return factor <= 1_000_000 ? Option.some(factor) : Option.none()
      },
      () => "Expected a factor like 60x, and 1000000x at most"
    ),
    Flag.withDescription("How fast time passes: 60x makes a minute of a second, 0x stops it [1x]"),
    Flag.withDefault(1)
  ),
  failRate: Flag.Finite("fail-rate").pipe(
    Flag.filter((rate) => rate >= 0 && rate <= 1, (rate) => `Expected a share from 0 to 1, got ${rate}`),
    Flag.withDescription("Which share of requests fails with 503 [0]"),
    Flag.withDefault(0)
  ),
  latency: Flags.duration("latency").pipe(Flags.optional("How long every answer takes [0]")),
  rateLimit: Flag.String("rate-limit").pipe(
    Flag.withMetavar("<n/s>"),
    Flag.filterMap(
      (text) => {
        const [, count, unit] = /^([1-9]\d{0,8})\/([smh])$/.exec(text) ?? []
        const per = perUnit[unit ?? ""]
        return per === undefined ? Option.none() : Option.some({ count: Number(count), per })
      },
      () => "Expected a rate like 5/s or 100/m"
    ),
    Flags.optional("How many requests are answered; the others get 429 [no limit]")
  ),
  quota: Flag.Int("quota").pipe(
    Flag.filter((quota) => quota >= 0, (quota) => `Expected 0 or more, got ${quota}`),
    Flags.optional("How many backups the project may have [500]")
  ),
  indexQuota: Flag.Int("index-quota").pipe(
    Flag.filter((quota) => quota >= 0, (quota) => `Expected 0 or more, got ${quota}`),
    Flags.optional("Number of indexes that the project may have [20]")
  ),
  state: Flag.String("state").pipe(
    Flag.withMetavar("<file>"),
    // A variable that was empty.
    Flag.filter((path) => path !== "", () => "Expected a path, got nothing"),
    Flags.optional("Keep everything in this file, and begin with what is in it [nothing is kept]")
  )
}).pipe(
  Command.validate(Effect.fnUntraced(function*({ cors, corsOrigins, listen, port }) {
    if (Option.isSome(listen) && Option.isSome(port)) {
      return yield* new CliError.ValidationError({ message: "--listen says the port: it does not go with --port" })
    }
    if (corsOrigins.length > 0 && !cors) {
      return yield* new CliError.ValidationError({ message: "--cors-origin says for which pages: it needs --cors" })
    }
  })),
  Documentation.of("A Pinecone with backups and restores on this machine: any key, no account, no network", {
    "pcb emulator": "The demo project, on http://127.0.0.1:5081",
    "pcb emulator --seed empty --state pinecone.json": "One to keep",
    "pcb emulator --speed 3600x": "An hour of the service in a second",
    "pcb emulator --listen 0.0.0.0:5081 --allow-host pinecone": "In a container that others know as pinecone",
    "pcb emulator --cors": "For a page on http://localhost:5173",
    "pcb emulator --fail-rate 0.05 --latency 200ms --rate-limit 5/s": "A bad day"
  })
)

/** `pcb emulator` */
export const command = Handler.unconnected(() => import("./handler.ts"), {
  "--host": "--listen says where to listen"
})(emulator, (_) => _.serve)
