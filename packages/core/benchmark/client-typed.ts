/** The typed floor of this library over `fetch`. */
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { makeTyped } from "./client.ts"
import type { Contender } from "./contender.ts"

export const make = (host: string): Contender => makeTyped(host, FetchHttpClient.layer)
