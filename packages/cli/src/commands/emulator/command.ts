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
    "Address to listen on, such as 0.0.0.0:5081 in a container; port 0 chooses a free port [127.0.0.1:5081]"
  ),
  port: Flag.Int("port").pipe(
    Flag.filter((port) => port >= 0 && port <= 65_535, (port) => `Expected a port from 0 to 65535, got ${port}`),
    Flags.optional("Port to listen on (same as --listen :<port>)")
  ),
  allowHosts: Listen.allowHosts,
  allowControl: Flags.toggle(
    "allow-control",
    "Allow other machines (and, with --cors, web pages) to use the routes under /_emulator, which need no key"
  ),
  cors: Flags.toggle("cors", "Send CORS headers to web pages served from this machine"),
  corsOrigins: Listen.corsOrigins,
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("<demo|empty|file>"),
    Flag.withDescription("Initial state: demo, empty, or a JSON file [demo]"),
    Flag.withDefault("demo")
  ),
  speed: Flag.String("speed").pipe(
    Flag.withMetavar("<factor>"),
    Flag.filterMap(
      (text) => {
        const factor = /^\d+(\.\d+)?x?$/.test(text) ? parseFloat(text) : Infinity
        return factor <= 1_000_000 ? Option.some(factor) : Option.none()
      },
      () => "Expected a factor such as 60x, up to 1000000x"
    ),
    Flag.withDescription("Speed of the emulated clock: 60x is a minute per second, 0x stops the clock [1x]"),
    Flag.withDefault(1)
  ),
  failRate: Flag.Finite("fail-rate").pipe(
    Flag.filter((rate) => rate >= 0 && rate <= 1, (rate) => `Expected a share from 0 to 1, got ${rate}`),
    Flag.withDescription("Share of requests that fail with 503, from 0 to 1 [0]"),
    Flag.withDefault(0)
  ),
  latency: Flags.duration("latency").pipe(Flags.optional("Delay before every response [0]")),
  rateLimit: Flag.String("rate-limit").pipe(
    Flag.withMetavar("<n/s>"),
    Flag.filterMap(
      (text) => {
        const [, count, unit] = /^([1-9]\d{0,8})\/([smh])$/.exec(text) ?? []
        const per = perUnit[unit ?? ""]
        return per === undefined ? Option.none() : Option.some({ count: Number(count), per })
      },
      () => "Expected a rate such as 5/s or 100/m"
    ),
    Flags.optional("Maximum request rate; further requests get 429 [no limit]")
  ),
  quota: Flag.Int("quota").pipe(
    Flag.filter((quota) => quota >= 0, (quota) => `Expected 0 or more, got ${quota}`),
    Flags.optional("Backup quota of the project [500]")
  ),
  indexQuota: Flag.Int("index-quota").pipe(
    Flag.filter((quota) => quota >= 0, (quota) => `Expected 0 or more, got ${quota}`),
    Flags.optional("Number of indexes that the project may have [20]")
  ),
  state: Flag.String("state").pipe(
    Flag.withMetavar("<file>"),
    // An empty shell variable.
    Flag.filter((path) => path !== "", () => "Expected a path, got an empty string"),
    Flags.optional("Load state from this file and save changes to it [nothing is saved]")
  )
}).pipe(
  Command.validate(Effect.fnUntraced(function*({ cors, corsOrigins, listen, port }) {
    if (Option.isSome(listen) && Option.isSome(port)) {
      return yield* new CliError.ValidationError({ message: "--listen cannot be combined with --port" })
    }
    if (corsOrigins.length > 0 && !cors) {
      return yield* new CliError.ValidationError({ message: "--cors-origin requires --cors" })
    }
  })),
  Documentation.of("Run a local Pinecone emulator with backups and restores: any key, no account, no network", {
    "pcb emulator": "Serve the demo project on http://127.0.0.1:5081",
    "pcb emulator --seed empty --state pinecone.json": "Start empty and save the state",
    "pcb emulator --speed 3600x": "Emulate an hour per second",
    "pcb emulator --listen 0.0.0.0:5081 --allow-host pinecone": "Run in a container reachable as pinecone",
    "pcb emulator --cors": "Allow requests from a web page on http://localhost:5173",
    "pcb emulator --fail-rate 0.05 --latency 200ms --rate-limit 5/s": "Simulate failures, latency and rate limiting"
  })
)

/** `pcb emulator` */
export const command = Handler.unconnected(() => import("./handler.ts"), {
  "--host": "use --listen to set the address"
})(emulator, (_) => _.serve)
