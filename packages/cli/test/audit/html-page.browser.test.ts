/** Tests of the page in Chromium. They are skipped if the machine has no Chromium. */
import { assert, describe, layer } from "@effect/vitest"
import axe from "axe-core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, type BrowserContextOptions, chromium, type Page as Tab } from "playwright-core"
import * as Page from "../../src/commands/audit/html/Page.ts"
import * as View from "../../src/commands/audit/html/View.ts"
import * as Pages from "./pages.ts"

/** The first Chromium on the PATH. */
const executablePath = spawnSync("which", ["chromium", "chromium-browser", "google-chrome"], { encoding: "utf8" })
  .stdout?.split("\n").find((line) => line !== "")

/** The tests run on a busy machine. */
const timeout = "2 minutes"
const testTimeout = 120_000

/** Text with ordinary spaces. */
const spaced = (text: string): string => text.replace(/\u00a0/g, " ")

const good = Pages.many(2, "good")

/** Pages whose data is as old as the clock of a test says. */
const recent = "2026-11-21T20:04:00Z"

const states: Readonly<Record<string, string>> = {
  mixed: Pages.pageOf(Pages.mixed),
  good: Pages.pageOf(good),
  outage: Pages.pageOf(Pages.mixed, { error: "The service did not respond" }),
  failed: Pages.failedPage("No result after 30s."),
  empty: Pages.pageOf([]),
  hostile: Pages.pageOf(
    Pages.hostileNames.map((name, index) => ({ name, kind: index % 2 === 0 ? "good" : "critical", scheduleName: name }))
  ),
  several: Page.ofSeveral([
    View.make(Pages.looked(Pages.mixed), { ...Pages.file, profile: "prod" }),
    View.make(Pages.looked(good), { ...Pages.file, profile: "<b>staging</b>" })
  ], []).text
}

const names = Object.keys(states)

/** A problem that axe reports, with the elements that have it. */
interface Problem {
  readonly id: string
  readonly nodes: ReadonlyArray<string>
}

/** A browser, and a folder with the pages. */
class Chromium extends Context.Service<Chromium, {
  readonly browser: Browser
  readonly directory: string
}>()("Chromium") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "pcb-page-"))),
        (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
      )
      for (const [name, text] of Object.entries(states)) writeFileSync(join(directory, `${name}.html`), text)
      const browser = yield* Effect.acquireRelease(
        // Root, for example in a container, has no sandbox.
        Effect.promise(() => chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] })),
        (browser) => Effect.promise(() => browser.close())
      )
      return { browser, directory }
    })
  )
}

/** A tab of its own, with everything that a page must not do: requests, messages, errors and dialogs. */
const tabOf = Effect.fnUntraced(function*(options: BrowserContextOptions = {}) {
  const { browser } = yield* Chromium
  const context = yield* Effect.acquireRelease(
    Effect.promise(() => browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })),
    (context) => Effect.promise(() => context.close())
  )
  const tab = yield* Effect.promise(() => context.newPage())
  const noise: Array<string> = []
  tab.on("console", (message) => noise.push(message.text()))
  tab.on("pageerror", ({ message }) => noise.push(message))
  tab.on("dialog", (dialog) => {
    noise.push("a dialog")
    void dialog.dismiss()
  })
  tab.on("request", (request) => {
    const isOwn = /^(data:|file:.*\.html$|http:\/\/127\.0\.0\.1:\d+\/$)/.test(request.url())
    if (!isOwn) noise.push(request.url())
  })
  return { context, tab, noise }
})

/** Opens a page at a time. */
const open = Effect.fnUntraced(function*(
  name: string,
  { at = recent, ...options }: BrowserContextOptions & { readonly at?: string } = {}
) {
  const { directory } = yield* Chromium
  const opened = yield* tabOf(options)
  if (options.javaScriptEnabled !== false) yield* Effect.promise(() => opened.tab.clock.setFixedTime(at))
  yield* Effect.promise(() => opened.tab.goto(pathToFileURL(join(directory, `${name}.html`)).href))
  return opened
})

const unfold = (tab: Tab) =>
  Effect.promise(() =>
    tab.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true
    })
  )

const heading = (tab: Tab) => Effect.map(Effect.promise(() => tab.locator("h1").innerText()), spaced)

const look = (tab: Tab) => Effect.promise(() => tab.locator(".verdict").getAttribute("data-s"))

const visibleButtons = (tab: Tab) => Effect.promise(() => tab.locator("button:visible").count())

describe.skipIf(executablePath === undefined)("the page in Chromium (skipped without a Chromium)", () => {
  layer(Chromium.layer, { excludeTestServices: true, timeout })((it) => {
    it.effect.each(names.flatMap((name) => [320, 390, 1280].map((width) => [name, width] as const)))(
      "loads nothing, reports nothing, and fits: %s at %d",
      ([name, width]) =>
        Effect.gen(function*() {
          const { noise, tab } = yield* open(name, { viewport: { width, height: 900 } })
          yield* unfold(tab)
          assert.isAtMost(
            yield* Effect.promise(() => tab.evaluate(() => document.documentElement.scrollWidth)),
            width
          )
          assert.deepStrictEqual(noise, [])
        }),
      testTimeout
    )

    it.effect.each(names.flatMap((name) => [[name, 1280, "light"], [name, 390, "dark"]] as const))(
      "has no accessibility problem: %s at %d, %s",
      ([name, width, colorScheme]) =>
        Effect.gen(function*() {
          // The policy of the page forbids the script of the tool.
          const { tab } = yield* open(name, { viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
          yield* unfold(tab)
          yield* Effect.promise(() => tab.evaluate(axe.source))
          const { incomplete, violations } = yield* Effect.promise(() =>
            tab.evaluate<Record<"incomplete" | "violations", ReadonlyArray<Problem>>>(
              `axe.run().then(({ violations, incomplete }) => {
                const short = (all) => all.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) }))
                return { violations: short(violations), incomplete: short(incomplete) }
              })`
            )
          )
          assert.deepStrictEqual(violations, [])
          // Axe cannot judge the contrast of text in pictures. Another test computes the contrast of every color.
          assert.deepStrictEqual(incomplete.filter(({ id }) => id !== "color-contrast"), [])
        }),
      testTimeout
    )

    it.effect("has all of its text and no dead button without JavaScript", () =>
      Effect.gen(function*() {
        const { tab } = yield* open("mixed", { javaScriptEnabled: false })
        assert.strictEqual(yield* visibleButtons(tab), 0)
        assert.strictEqual(
          yield* heading(tab),
          "2 of 6 indexes are in danger, and not everything could be checked"
        )
        assert.isTrue(yield* Effect.promise(() => tab.getByText("pcb backup create carts --wait").isVisible()))
      }), testTimeout)

    it.effect("copies exactly the remedy", () =>
      Effect.gen(function*() {
        const { context, tab } = yield* open("mixed")
        yield* Effect.promise(() => context.grantPermissions(["clipboard-read", "clipboard-write"]))
        const remedy = tab.locator("#index-carts .remedy").first()
        yield* Effect.promise(() => remedy.getByRole("button", { name: "Copy" }).click())
        yield* Effect.promise(() => tab.getByRole("status").getByText("Copied").waitFor())
        assert.strictEqual(
          yield* Effect.promise(() => tab.evaluate(() => navigator.clipboard.readText())),
          "pcb backup create carts --wait"
        )
      }), testTimeout)

    it.effect("is reached by the keyboard in order: names, then remedies", () =>
      Effect.gen(function*() {
        const { tab } = yield* open("mixed")
        const reached: Array<string> = []
        for (let press = 0; press < 5; press++) {
          yield* Effect.promise(() => tab.keyboard.press("Tab"))
          reached.push(
            yield* Effect.promise(() =>
              tab.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent}`)
            )
          )
        }
        assert.deepStrictEqual(reached, ["A images", "A carts", "A sessions", "A legacy", "BUTTON Copy"])
      }), testTimeout)

    it.effect.each<readonly [at: string, look: string, title: string]>([
      ["2026-11-21T20:04:00Z", "ok", "The backups of all 2 indexes are good"],
      ["2026-11-22T23:00:00Z", "unknown", "Last seen 21 Nov 2026, 20:00 UTC: the backups of all 2 indexes are good"],
      // A clock that is far behind proves nothing.
      ["2026-11-20T20:00:00Z", "unknown", "Last seen 21 Nov 2026, 20:00 UTC: the backups of all 2 indexes are good"]
    ])("at %s, a good page is %s", ([at, expected, title]) =>
      Effect.gen(function*() {
        const { tab } = yield* open("good", { at })
        assert.deepStrictEqual([yield* look(tab), yield* heading(tab)], [expected, title])
        assert.strictEqual(spaced(yield* Effect.promise(() => tab.title())), title)
        assert.strictEqual(
          yield* Effect.promise(() => tab.getByText("This page is old.").isVisible()),
          expected !== "ok"
        )
        // No icon is green on an old page.
        const isGreen = yield* Effect.promise(() =>
          tab.locator(".good").first().evaluate((element) => {
            const style = getComputedStyle(element)
            return style.getPropertyValue("--c") === style.getPropertyValue("--ok")
          })
        )
        assert.strictEqual(isGreen, expected === "ok")
      }), testTimeout)

    it.effect("prints the verdict and the table, without buttons, and unfolds runs", () =>
      Effect.gen(function*() {
        const { tab } = yield* open("mixed", { javaScriptEnabled: false })
        yield* Effect.promise(() => tab.emulateMedia({ media: "print" }))
        assert.strictEqual(yield* visibleButtons(tab), 0)
        assert.isTrue(yield* Effect.promise(() => tab.getByText("Problems, worst first").first().isVisible()))
        assert.isTrue(
          yield* Effect.promise(() => tab.getByRole("cell", { name: "ready, can be restored" }).first().isVisible())
        )
      }), testTimeout)

    it.effect("loads 200 indexes within a second", () =>
      Effect.gen(function*() {
        const { directory } = yield* Chromium
        const file = join(directory, "many.html")
        writeFileSync(
          file,
          Pages.pageOf([...Pages.many(12, "critical"), ...Pages.many(28, "warning"), ...Pages.many(160, "good")])
        )
        // The clock of the other tests also replaces the clock that measures.
        const { tab } = yield* tabOf()
        const durations: Array<number> = []
        for (let load = 0; load < 5; load++) {
          yield* Effect.promise(() => tab.goto(pathToFileURL(file).href))
          durations.push(
            yield* Effect.promise(() =>
              tab.evaluate(() => performance.getEntriesByType("navigation")[0]?.duration ?? Infinity)
            )
          )
        }
        // The fastest of several, because other processes use the machine.
        assert.isBelow(Math.min(...durations), 1_000)
      }), testTimeout)

    it.effect("refreshes itself, and keeps folds, focus and scroll position", () =>
      Effect.gen(function*() {
        const served = (specs: ReadonlyArray<Pages.Spec>) => Page.make(View.make(Pages.looked(specs), Pages.served))
        let current: Page.Page | undefined = served(good)
        const statuses: Array<number> = []
        const server = yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof createServer>>((resume) => {
            const server = createServer((request, response) => {
              const status = current === undefined
                ? 500
                : request.headers["if-none-match"] === `"${current.version}"`
                ? 304
                : 200
              if (request.url === "/") statuses.push(status)
              response.writeHead(status, Page.headers).end(status === 200 ? current?.text : "")
            })
            server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) =>
            Effect.sync(() => {
              server.closeAllConnections()
              server.close()
            })
        )
        const { noise, tab } = yield* tabOf({ viewport: { width: 390, height: 500 } })
        yield* Effect.promise(() => tab.clock.install({ time: recent }))
        yield* Effect.promise(() => tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))
        assert.strictEqual(yield* look(tab), "ok")
        const minutes = (count: number) => Effect.promise(() => tab.clock.runFor(count * 60_000 + 1_000))

        const unchanged = Effect.promise(() => tab.waitForResponse((response) => response.status() === 304))
        yield* Effect.all([unchanged, minutes(1)], { concurrency: 2 })

        yield* Effect.promise(() => tab.locator("#stored-table summary").click())
        yield* Effect.promise(() => tab.locator("#pause").focus())
        yield* Effect.promise(() => tab.evaluate(() => scrollTo(0, 700)))
        current = served([...good, { name: "carts", kind: "critical" }])
        yield* minutes(1)
        yield* Effect.promise(() =>
          tab.getByRole("heading", { level: 1, name: "1 of 3 indexes is in danger" }).waitFor()
        )
        assert.include(yield* Effect.promise(() => tab.title()), "in danger")
        assert.isTrue(
          yield* Effect.promise(() => tab.locator("#stored-table").evaluate((element) => element.hasAttribute("open")))
        )
        assert.strictEqual(yield* Effect.promise(() => tab.evaluate(() => document.activeElement?.id)), "pause")
        assert.strictEqual(yield* Effect.promise(() => tab.evaluate(() => scrollY)), 700)
        assert.include(yield* Effect.promise(() => tab.getByRole("status").innerText()), "in danger")

        yield* Effect.promise(() => tab.locator("#pause").click())
        const before = statuses.length
        yield* minutes(2)
        assert.strictEqual(statuses.length, before)
        yield* Effect.promise(() => tab.locator("#pause").click())

        // The indexes are good again, then the server fails, and the page becomes old.
        current = served(good)
        yield* minutes(1)
        yield* Effect.promise(() => tab.locator(".verdict[data-s=ok]").waitFor())
        current = undefined
        yield* minutes(15)
        yield* Effect.promise(() => tab.getByText("This page is old.").waitFor())
        assert.strictEqual(yield* look(tab), "unknown")
        assert.include(yield* Effect.promise(() => tab.title()), "Last seen")
        // The browser reports failed requests. A refusal by the policy would be another message.
        assert.deepStrictEqual(noise.filter((text) => !text.includes("500")), [])
      }), testTimeout)
  })
})
