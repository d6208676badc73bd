/**
 * Measures where the time of a page goes while a history is read one page ahead. Only for contenders on the client for
 * Node, which reports when it sends a request and when the headers of a response arrive.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { median } from "./statistics.ts"

/** Titles of the stages. */
export const stages = {
  first: "from the start until the reader starts on the first page",
  service: "from a request to the headers of its response",
  body: "from the headers until the JSON is parsed",
  next: "from the JSON to the next request",
  reader: "from the JSON until the reader starts on the page",
  cycle: "from one page to the next"
}

/** Milliseconds per stage: the mean of `cycle`, and the medians of others. */
export type Stages = Readonly<Record<keyof typeof stages, number>>

/** Shorter texts are not pages. */
const shortest = 1_000

/**
 * Runs a task that reads a history and processes a page by waiting `processing` milliseconds. Returns its result and its
 * stages.
 */
export const measure = async <A>(
  task: () => Promise<A>,
  processing: number
): Promise<{ readonly result: A; readonly stages: Stages }> => {
  const requests: Array<number> = []
  const headers: Array<number> = []
  const jsons: Array<number> = []
  const processed: Array<number> = []
  const onRequest = () => void requests.push(performance.now())
  const onHeaders = () => void headers.push(performance.now())
  const { parse } = JSON
  const { setTimeout } = globalThis
  subscribe("http.client.request.start", onRequest)
  subscribe("http.client.response.finish", onHeaders)
  JSON.parse = (text, reviver) => {
    const json = parse(text, reviver)
    if (text.length > shortest) jsons.push(performance.now())
    return json
  }
  globalThis.setTimeout = Object.assign((...args: Parameters<typeof setTimeout>) => {
    if (args[1] === processing) processed.push(performance.now())
    return setTimeout(...args)
  }, setTimeout)
  const start = performance.now()
  try {
    const result = await task()
    const pages = [processed, requests, headers, jsons].map(({ length }) => length)
    if (new Set(pages).size !== 1) throw new Error(`The stages do not match: ${pages.join(", ")}`)
    const between = (from: ReadonlyArray<number>, to: ReadonlyArray<number>, shift = 0) =>
      median(from.slice(1, from.length - shift).map((time, index) => (to[index + 1 + shift] ?? NaN) - time))
    return {
      result,
      stages: {
        first: (processed[0] ?? NaN) - start,
        service: between(requests, headers),
        body: between(headers, jsons),
        next: between(jsons, requests, 1),
        reader: between(jsons, processed),
        cycle: ((processed.at(-1) ?? NaN) - (processed[0] ?? NaN)) / (processed.length - 1)
      }
    }
  } finally {
    JSON.parse = parse
    globalThis.setTimeout = setTimeout
    unsubscribe("http.client.request.start", onRequest)
    unsubscribe("http.client.response.finish", onHeaders)
  }
}
