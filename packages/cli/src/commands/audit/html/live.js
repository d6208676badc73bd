// The only script of the page: copies commands, and shows how old the data is. A page of a server also refreshes itself.
// Without it, the page has all of its text.
const root = document.documentElement
const status = document.getElementById("status")
const say = (text) => {
  status.textContent = text
}

const copyBySelection = (code) => {
  const range = document.createRange()
  range.selectNodeContents(code)
  const selection = getSelection()
  selection.removeAllRanges()
  selection.addRange(range)
  return document.execCommand("copy")
}
const copy = async (code) => {
  try {
    await navigator.clipboard.writeText(code.textContent)
    return true
  } catch {
    // Over http, only a page of this machine may use the clipboard.
    return copyBySelection(code)
  }
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button")
  if (!button) return
  if (button.id === "pause") {
    const isPaused = button.getAttribute("aria-pressed") !== "true"
    button.setAttribute("aria-pressed", String(isPaused))
    say(isPaused ? "Updates are paused" : "Updates continue")
    return
  }
  const code = button.previousElementSibling
  say(await copy(code) ? `Copied: ${code.textContent}` : "Copying failed: select the command instead")
})

const showButtons = () => {
  for (const button of document.querySelectorAll("button[hidden]")) button.hidden = false
  for (const code of document.querySelectorAll(".remedy > code:last-child")) {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = "Copy"
    code.after(button)
  }
}

const interval = Number(root.dataset.interval ?? 0)
const title = document.title
const words = (seconds) => {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1) return "less than a minute ago"
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`
}
const age = () => {
  if (!root.dataset.at) return
  const seconds = (Date.now() - Date.parse(root.dataset.at)) / 1000
  // A clock that is behind proves nothing about the age.
  document.getElementById("age").textContent = seconds < -300 ? "(the clock of this device is behind)" : `(${words(Math.max(0, seconds))})`
  const isOld = seconds < -300 || seconds > (interval > 0 ? 2 * interval + 60 : 26 * 3600)
  document.getElementById("old").hidden = !isOld
  const verdict = document.querySelector(".verdict")
  if (!isOld || root.dataset.old === "true") return
  root.dataset.old = "true"
  const heading = document.querySelector("h1")
  if (!heading.textContent.startsWith("Last seen")) {
    const seen = document.querySelector("header time").textContent
    heading.textContent = `Last seen ${seen}: ${heading.textContent.charAt(0).toLowerCase()}${heading.textContent.slice(1)}`
  }
  if (["ok", "none"].includes(verdict.dataset.s)) {
    verdict.dataset.s = "unknown"
    verdict.querySelector("use").setAttribute("href", "#i-unknown")
    document.querySelector("link[rel=icon]").href = root.dataset.unknown
  }
  document.title = heading.textContent
}

const hasSelection = () => {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed
}
const isPaused = () => document.getElementById("pause")?.getAttribute("aria-pressed") === "true"

const replaceBy = (next) => {
  const open = new Set([...document.querySelectorAll("details[open]")].map(({ id }) => id))
  const focused = document.activeElement?.id
  const [x, y] = [scrollX, scrollY]
  const before = document.querySelector("h1").textContent
  for (const name of ["at", "v", "old"]) {
    if (next.documentElement.dataset[name] === undefined) delete root.dataset[name]
    else root.dataset[name] = next.documentElement.dataset[name]
  }
  document.querySelector("main").replaceWith(next.querySelector("main"))
  document.querySelector("header time").replaceWith(next.querySelector("header time"))
  document.querySelector(".defs").replaceWith(next.querySelector(".defs"))
  document.querySelector("link[rel=icon]").href = next.querySelector("link[rel=icon]").href
  document.title = next.title
  for (const details of document.querySelectorAll("details")) if (open.has(details.id)) details.open = true
  showButtons()
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  scrollTo(x, y)
  const after = document.querySelector("h1").textContent
  if (after !== before) say(after)
}

const refresh = async () => {
  if (document.hidden || isPaused() || hasSelection()) return
  try {
    const response = await fetch(location.href, { cache: "no-store", headers: { "if-none-match": `"${root.dataset.v}"` } })
    // Any other response leaves the page to grow old by its own clock.
    if (response.status === 200 || response.status === 503) {
      const next = new DOMParser().parseFromString(await response.text(), "text/html")
      if (next.documentElement.dataset.v && next.documentElement.dataset.v !== root.dataset.v) replaceBy(next)
    }
  } catch {
    // The server is gone.
  }
  age()
}

showButtons()
age()
setInterval(age, 30_000)
if (interval > 0) setInterval(refresh, Math.min(60, Math.max(5, interval / 4)) * 1000)
document.addEventListener("visibilitychange", () => {
  age()
  if (interval > 0) void refresh()
})
