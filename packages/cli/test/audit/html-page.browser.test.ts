/** Tests of the page in Chromium. They are skipped if the machine has no Chromium. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import axe from "axe-core"
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, type BrowserContextOptions, chromium, type Page as Tab } from "playwright-core"
import * as Page from "../../src/commands/audit/html/Page.ts"
import * as View from "../../src/commands/audit/html/View.ts"
import * as Pages from "./pages.ts"

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const executablePath = (process.env.PATH ?? "").split(delimiter)
  .flatMap((directory) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(directory, name)))
  .find(isExecutable)

/** The tests run on a busy machine. */
const timeout = 120_000

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

/** Runs an action several times, one after the other. */
const repeat = async <A>(times: number, run: () => Promise<A>): Promise<ReadonlyArray<A>> =>
  times === 0 ? [] : [await run(), ...await repeat(times - 1, run)]

/** Waits for a condition that the browser makes true. */
const eventually = async (isSo: () => boolean, turns = 100_000): Promise<void> => {
  if (isSo()) return
  assert.isAbove(turns, 0)
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  return eventually(isSo, turns - 1)
}

describe.skipIf(executablePath === undefined)("the page in Chromium (skipped without a Chromium)", () => {
  let browser: Browser
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "pcb-page-"))
    for (const [name, text] of Object.entries(states)) writeFileSync(join(directory, `${name}.html`), text)
    // Root, for example in a container, has no sandbox.
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] })
  }, timeout)
  afterAll(async () => {
    await browser.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Opens a page at a time. Returns what it must not do: requests, messages, errors and dialogs. */
  const open = async (
    url: string,
    { at = recent, ...options }: BrowserContextOptions & { readonly at?: string } = {}
  ) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const tab = await context.newPage()
    if (options.javaScriptEnabled !== false) await tab.clock.setFixedTime(at)
    const noise: Array<string> = []
    tab.on("console", (message) => noise.push(message.text()))
    tab.on("pageerror", ({ message }) => noise.push(message))
    tab.on("dialog", (dialog) => {
      noise.push("a dialog")
      void dialog.dismiss()
    })
    tab.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:")) noise.push(request.url())
    })
    await tab.goto(url)
    return { context, tab, noise }
  }

  const urlOf = (name: string) => pathToFileURL(join(directory, `${name}.html`)).href

  const unfold = (tab: Tab) =>
    tab.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true
    })

  it.each(names.flatMap((name) => [320, 390, 1280].map((width) => [name, width] as const)))(
    "loads nothing, reports nothing, and fits: %s at %d",
    async (name, width) => {
      const { context, noise, tab } = await open(urlOf(name), { viewport: { width, height: 900 } })
      await unfold(tab)
      assert.isAtMost(await tab.evaluate(() => document.documentElement.scrollWidth), width)
      assert.deepStrictEqual(noise, [])
      await context.close()
    },
    timeout
  )

  it.each(names.flatMap((name) => [[name, 1280, "light"], [name, 390, "dark"]] as const))(
    "has no accessibility problem: %s at %d, %s",
    async (name, width, colorScheme) => {
      // The policy of the page forbids the script of the tool.
      const options = { viewport: { width, height: 900 }, colorScheme, bypassCSP: true }
      const { context, tab } = await open(urlOf(name), options)
      await unfold(tab)
      await tab.evaluate(axe.source)
      const { incomplete, violations } = await tab.evaluate<
        Record<"incomplete" | "violations", ReadonlyArray<Problem>>
      >(
        `axe.run().then(({ violations, incomplete }) => {
          const short = (all) => all.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) }))
          return { violations: short(violations), incomplete: short(incomplete) }
        })`
      )
      assert.deepStrictEqual(violations, [])
      // Axe cannot judge the contrast of text in pictures. Another test computes the contrast of every color.
      assert.deepStrictEqual(incomplete.filter(({ id }) => id !== "color-contrast"), [])
      await context.close()
    },
    timeout
  )

  it("has all of its text and no dead button without JavaScript", async () => {
    const { context, tab } = await open(urlOf("mixed"), { javaScriptEnabled: false })
    assert.strictEqual(await tab.locator("button:visible").count(), 0)
    assert.strictEqual(
      spaced(await tab.locator("h1").innerText()),
      "2 of 6 indexes are in danger, and not everything could be checked"
    )
    assert.isTrue(await tab.getByText("pcb backup create carts --wait").isVisible())
    await context.close()
  }, timeout)

  it("copies exactly the remedy", async () => {
    const { context, tab } = await open(urlOf("mixed"))
    await context.grantPermissions(["clipboard-read", "clipboard-write"])
    const remedy = tab.locator("#index-carts .remedy").first()
    await remedy.getByRole("button", { name: "Copy" }).click()
    await tab.getByRole("status").getByText("Copied").waitFor()
    assert.strictEqual(await tab.evaluate(() => navigator.clipboard.readText()), "pcb backup create carts --wait")
    await context.close()
  }, timeout)

  it("is reached by the keyboard in order: names, then remedies and folds", async () => {
    const { context, tab } = await open(urlOf("mixed"))
    const reached = await repeat(5, async () => {
      await tab.keyboard.press("Tab")
      return tab.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent}`)
    })
    assert.deepStrictEqual(reached.slice(0, 3), ["A carts", "A images", "A sessions"])
    assert.deepStrictEqual(reached.slice(3, 5), ["BUTTON Copy", "BUTTON Copy"])
    await context.close()
  }, timeout)

  it.each([
    ["2026-11-21T20:04:00Z", "ok", "The backups of all 2 indexes are good"],
    ["2026-11-22T23:00:00Z", "unknown", "Last seen 21 Nov 2026, 20:00 UTC: the backups of all 2 indexes are good"],
    // A clock that is far behind proves nothing.
    ["2026-11-20T20:00:00Z", "unknown", "Last seen 21 Nov 2026, 20:00 UTC: the backups of all 2 indexes are good"]
  ])("of a good project at %s is %s", async (at, look, title) => {
    const { context, tab } = await open(urlOf("good"), { at })
    const text = spaced(await tab.locator("h1").innerText())
    assert.deepStrictEqual([await tab.locator(".verdict").getAttribute("data-s"), text], [look, title])
    assert.strictEqual(spaced(await tab.title()), title)
    assert.strictEqual(await tab.getByText("This page is old.").isVisible(), look !== "ok")
    await context.close()
  }, timeout)

  it("prints the verdict and the table, without buttons, and unfolds runs", async () => {
    const { context, tab } = await open(urlOf("mixed"), { javaScriptEnabled: false })
    await tab.emulateMedia({ media: "print" })
    assert.strictEqual(await tab.locator("button:visible").count(), 0)
    assert.isTrue(await tab.getByText("Problems, worst first").first().isVisible())
    assert.isTrue(await tab.getByRole("cell", { name: "ready, can be restored" }).first().isVisible())
    await context.close()
  }, timeout)

  it("loads 200 indexes within a second", async () => {
    const file = join(directory, "many.html")
    writeFileSync(
      file,
      Pages.pageOf([...Pages.many(12, "critical"), ...Pages.many(28, "warning"), ...Pages.many(160, "good")])
    )
    // The clock of the other tests also replaces the clock that measures.
    const tab = await browser.newPage()
    await tab.goto(pathToFileURL(file).href)
    const durations = await repeat(5, async () => {
      await tab.reload()
      return tab.evaluate(() => performance.getEntriesByType("navigation")[0]?.duration ?? Infinity)
    })
    // The fastest of several, because other processes use the machine.
    assert.isBelow(Math.min(...durations), 1_000)
    await tab.close()
  }, timeout)

  describe("served", () => {
    let server: Server
    let address: string
    let current: Page.Page | undefined
    const asked: Array<number> = []
    const served = (specs: ReadonlyArray<Pages.Spec>, more: Partial<View.View> = {}) =>
      Page.make({ ...View.make(Pages.looked(specs), Pages.served), ...more })
    beforeAll(async () => {
      server = createServer((request, response) => {
        const status = current === undefined
          ? 500
          : request.headers["if-none-match"] === `"${current.version}"`
          ? 304
          : 200
        if (request.url === "/") asked.push(status)
        response.writeHead(status, Page.headers).end(status === 200 ? current?.text : "")
      })
      await new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", resolve)
      })
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    })
    afterAll(() => {
      server.closeAllConnections()
      server.close()
    })

    it("refreshes itself, and keeps folds, focus and scroll position", async () => {
      current = served(good)
      const context = await browser.newContext({ viewport: { width: 390, height: 500 } })
      const tab = await context.newPage()
      const noise: Array<string> = []
      tab.on("console", (message) => noise.push(message.text()))
      await tab.clock.install({ time: recent })
      await tab.goto(address)
      assert.strictEqual(await tab.locator(".verdict").getAttribute("data-s"), "ok")

      await tab.clock.runFor(61_000)
      await eventually(() => asked.includes(304))

      await tab.locator("#stored-table summary").click()
      await tab.locator("#pause").focus()
      await tab.evaluate(() => scrollTo(0, 700))
      current = served([...good, { name: "carts", kind: "critical" }])
      await tab.clock.runFor(61_000)
      await tab.getByRole("heading", { level: 1, name: "1 of 3 indexes is in danger" }).waitFor()
      assert.include(await tab.title(), "in danger")
      assert.isTrue(await tab.locator("#stored-table").evaluate((details) => details.hasAttribute("open")))
      assert.strictEqual(await tab.evaluate(() => document.activeElement?.id), "pause")
      assert.strictEqual(await tab.evaluate(() => scrollY), 700)
      assert.include(await tab.getByRole("status").innerText(), "in danger")

      // Paused: no request.
      await tab.locator("#pause").click()
      const before = asked.length
      await tab.clock.runFor(120_000)
      assert.strictEqual(asked.length, before)
      await tab.locator("#pause").click()

      // An audit of good indexes, then the server fails: the page grows old.
      current = served(good)
      await tab.clock.runFor(61_000)
      await tab.locator(".verdict[data-s=ok]").waitFor()
      current = undefined
      await tab.clock.runFor(15 * 60_000)
      await tab.getByText("This page is old.").waitFor()
      assert.strictEqual(await tab.locator(".verdict").getAttribute("data-s"), "unknown")
      assert.include(await tab.title(), "Last seen")
      // A failed request is the only message. A refusal by the policy would be another.
      assert.deepStrictEqual(noise.filter((text) => !text.includes("500")), [])
      await context.close()
    }, timeout)
  })
})
