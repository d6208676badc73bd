/** The command of the floor that sends requests. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import { transport } from "./agents.ts"
import { headers, type Page } from "./contender.ts"

export const run = Effect.fnUntraced(function*(host: string, id: string) {
  const client = yield* HttpClient.HttpClient
  const get = Effect.fnUntraced(function*(path: string) {
    const response = yield* client.get(`${host}/backup-schedules/${id}${path}`, { headers })
    return JSON.parse(yield* response.text)
  })
  yield* get("")
  const page: Page = yield* get("/history?limit=100")
  yield* Console.log(page.data.map((row) => Object.values(row).join("\t")).join("\n"))
}, Effect.provide(transport))
