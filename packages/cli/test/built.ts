/** Builds the command line once for all tests that start it: the bundle starts in a third of the time of the source. */
import * as Effect from "effect/Effect"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rolldown } from "rolldown"
import type { TestProject } from "vitest/node"
import { compileEagerly } from "../../../scripts/eager.ts"
import { isLong } from "../../core/test/long.ts"
import config from "../rolldown.config.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The path of the built program. */
    readonly pcb: string
  }
}

const packageDirectory = join(import.meta.dirname, "..")

/** Bundles the program into a folder. {@link setup} adds the last step of `pnpm build` if long tests run. */
export const build = Effect.fnUntraced(function*(directory: string) {
  cpSync(join(packageDirectory, "package.json"), join(directory, "package.json"))
  const bundle = yield* Effect.promise(() => rolldown({ ...config, cwd: packageDirectory }))
  const { output } = yield* Effect.promise(() => bundle.write({ ...config.output, dir: join(directory, "dist") }))
  yield* Effect.promise(() => bundle.close())
  return output.filter((file) => file.type === "chunk")
})

export const setup = (project: TestProject): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "pcb-"))
  project.provide("pcb", join(directory, "dist", "bin.js"))
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }))
  return Effect.runPromise(
    // The last step takes longer than most test files, and does not change what the program does.
    Effect.andThen(
      build(directory),
      isLong ? Effect.promise(() => compileEagerly(join(directory, "dist"))) : Effect.void
    )
  )
}
