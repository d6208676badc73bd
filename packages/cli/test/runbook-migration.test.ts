import { assert, describe, it } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emulate } from "./emulator.ts"
import { home } from "./harness.ts"
import { now, seeds, services } from "./project.ts"
import { shell } from "./support.ts"

const guide = readFileSync(new URL("../docs/runbook-migration.md", import.meta.url), "utf8")

/** The commands of the guide, in order. */
const commands = [...guide.matchAll(/^```(?:sh|text)\n([^]*?)^```$/gm)].flatMap(([, text = ""]) =>
  text.split("\n").flatMap((line) => /^(?:\$ )?(pcb .*)$/.exec(line)?.[1] ?? [])
)

describe("the runbook of a migration", { timeout: 60_000 }, () => {
  it("has all commands", () => {
    assert.deepStrictEqual(commands, [
      "pcb guard docs --dry-run -- ./migrate.sh",
      "pcb guard docs --settle 15m -- ./migrate.sh",
      "pcb guard docs --settle 15m -- ./migrate.sh",
      "pcb recover docs --backup backup-9 --to docs-from-backup-9",
      "pcb backup list --index docs --manual",
      "pcb backup delete guard-20261121t201500z"
    ])
  })

  it.live("leads from a failed migration to an index with the data from before", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* emulate({
        ...seeds,
        now,
        project: { backupDuration: "1 second", restoreDuration: "1 second" }
      })
      const cwd = yield* home()
      const migrate = join(cwd, "migrate.sh")
      const script = (code: number) => `#!/bin/sh\necho run >> runs\nexit ${code}\n`
      writeFileSync(migrate, script(0))
      chmodSync(migrate, 0o755)
      const env = { PINECONE_API_KEY: "any", PINECONE_CONTROLLER_HOST: host }
      const run = (line: string) =>
        Effect.map(shell(`${line}; echo "exit $?"`, env, cwd), ({ stderr, stdout }) => ({
          stderr,
          code: /exit (\d+)\n$/.exec(stdout)?.[1],
          stdout
        }))
      const runs = () => readFileSync(join(cwd, "runs"), "utf8").split("\n").length - 1

      const [dryRun = "", success = "", failure = "", restore = "", list = "", remove = ""] = commands.map((line) =>
        // The service has no real writers to wait for.
        line.replace("--settle 15m", "--settle 1s")
      )
      assert.strictEqual((yield* run(dryRun)).code, "0")
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))

      assert.strictEqual((yield* run(success)).code, "0")
      assert.strictEqual(runs(), 1)

      writeFileSync(migrate, script(3))
      const failed = yield* run(failure)
      assert.strictEqual(failed.code, "3")
      assert.strictEqual(runs(), 2)
      const next = / {2}try {9}(.*)\n/.exec(failed.stderr)?.[1] ?? ""
      const [, backupId = "", name = ""] =
        /Started backup (\S+) of docs\n[^]*✓ (guard-\w+) is ready/.exec(failed.stderr) ?? []
      const copy = `docs-from-${backupId}`
      assert.strictEqual(next, restore.replace("docs-from-backup-9", copy).replace("backup-9", backupId))
      assert.strictEqual((yield* run(next)).code, "0", next)

      const indexes = yield* Effect.flatMap(Indexes.Indexes, ({ list }) => list).pipe(Effect.provide(services(plane)))
      assert.isTrue(indexes.some((index) => index.name === copy))

      assert.include((yield* run(list)).stdout, name)
      const removed = yield* run(`${remove.replace("guard-20261121t201500z", name)} --yes`)
      assert.strictEqual(removed.code, "0", removed.stderr)
      const left = yield* Effect.flatMap(Backups.Backups, (backups) => Stream.runCollect(backups.list())).pipe(
        Effect.provide(services(plane))
      )
      assert.isFalse(left.some((backup) => backup.name === name))
    }))
})
