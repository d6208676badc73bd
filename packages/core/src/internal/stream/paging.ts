import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Page, PageOptions, StreamOptions } from "../../Page.ts"
import * as PineconeError from "../../PineconeError.ts"
import * as Contract from "../contract/endpoint.ts"
import * as OptionNames from "../option-names.ts"
import * as Recent from "../recent.ts"
import type * as Step from "./step.ts"

/** Query parameters of a page in the contract. */
interface PageQuery {
  readonly limit?: number
  readonly paginationToken?: string
}

/** Response with a page in the contract. */
interface Envelope<A> {
  readonly data?: ReadonlyArray<A> | null
  readonly pagination?: { readonly next?: string | null } | null
}

/** Sends only options that were given, because the service gives meaning to the presence of a parameter. */
const toQuery = ({ limit, paginationToken }: PageOptions = {}): PageQuery => ({
  ...(limit !== undefined && { limit }),
  ...(paginationToken !== undefined && { paginationToken })
})

/** The last page has no `pagination`, a null one, or one without a token. */
const fromEnvelope = <A>(envelope: Envelope<A>): Page<A> => ({
  data: envelope.data ?? [],
  next: envelope.pagination?.next || undefined
})

/** Callers of a stream know `limit` as `pageSize`. */
const asWritten = OptionNames.renamed({ limit: "pageSize" })

/** Creates the operations of a list from a function that fetches a page from its endpoint. */
export const pages =
  <A>(endpoint: Pick<Contract.Endpoint, "group" | "name">, id: (row: A) => string) =>
  <Of>(fetch: (of: Of, query: PageQuery) => Effect.Effect<Envelope<A>, PineconeError.PineconeError>) => {
    const operation = Contract.operationOf(endpoint)
    const page = (of: Of, options?: PageOptions) => Effect.map(fetch(of, toQuery(options)), fromEnvelope)
    const walkOf = <B>(toElements: (page: Page<A>) => ReadonlyArray<B>) => {
      const start = (of: Of, options: StreamOptions = {}) =>
        walk({ ...options, operation, fetch: (options) => asWritten(page(of, options)), id, toElements })
      const stream = (of: Of, options?: StreamOptions): Stream.Stream<B, PineconeError.ListError> =>
        Stream.suspend(() => {
          const { prefetch = 0 } = options ?? {}
          if (!Number.isInteger(prefetch) || prefetch < 0 || prefetch > maxPrefetch) {
            const problem = `must be a whole number from 0 to ${maxPrefetch}`
            return Stream.fail(PineconeError.invalidInput(operation, "prefetch", problem))
          }
          return Stream.paginate<Step.Step<B, PineconeError.ListError>, B, PineconeError.ListError>(
            start(of, options),
            ({ run }) => run
          ).pipe(ahead(prefetch))
        })
      return { start, stream }
    }
    const ofPages = walkOf((page) => [page])
    return { page, steps: ofPages.start, pages: ofPages.stream, stream: walkOf(({ data }) => data).stream }
  }

const recentIds = 2_000
const maxFruitlessPages = 100
const maxPrefetch = 100

/**
 * Iterates over a paginated list, one page per step.
 *
 * - `limit` is sent with the first page only, because the token includes it.
 * - An empty page with a token is not the end. A repeated token, and 100 consecutive pages without a new row, fail with
 *   `PaginationLoop` after the rows that arrived.
 * - Paging is by offset, so rows shift when others are added or removed in the meantime. A repeated row is dropped if
 *   it was on the first page, which may have no token, or among the last 2,000 rows.
 * - Memory grows with the tokens, one per page, not with the rows.
 */
const walk = <A, B>(
  { fetch, id, operation, pageSize = 100, paginationToken, toElements }: StreamOptions & {
    readonly operation: string
    readonly fetch: (page: PageOptions) => Effect.Effect<Page<A>, PineconeError.PineconeError>
    readonly id: (row: A) => string
    readonly toElements: (page: Page<A>) => ReadonlyArray<B>
  }
): Step.Step<B, PineconeError.ListError> => {
  const ids = Recent.make(recentIds)
  const tokens = new Set<string>()
  if (paginationToken !== undefined) tokens.add(paginationToken)
  let pages = 0
  let fruitless = 0

  const step = (page: PageOptions): Step.Step<B, PineconeError.ListError> => ({
    run: Effect.map(fetch(page), ({ data, next }) => {
      const fresh = data.filter((row) => ids.add(id(row)))
      if (pages === 0) ids.pin(data.map(id))
      const elements = toElements({ data: fresh, next })
      pages++
      fruitless = fresh.length === 0 ? fruitless + 1 : 0
      if (next === undefined) return [elements, Option.none()] as const
      const isLoop = tokens.has(next) || fruitless >= maxFruitlessPages
      tokens.add(next)
      return [elements, Option.some(isLoop ? loop(pages) : step({ paginationToken: next }))] as const
    })
  })

  const loop = (pages: number): Step.Step<B, PineconeError.ListError> => ({
    run: Effect.fail(
      new PineconeError.PaginationLoop({
        operation,
        message: `Paging does not end: page ${pages} leads back to an earlier page or has no new rows`,
        pages
      })
    )
  })

  return step(paginationToken === undefined ? { limit: pageSize } : { paginationToken })
}

/**
 * Two turns of the event loop, in which `fetch` and Node's client write a request to an open connection. Without them, a
 * consumer that never waits would process its element before the next is requested.
 */
const turns = Effect.andThen(Effect.yieldNow, Effect.yieldNow)

/**
 * Pulls up to `count` elements ahead of the consumer, one after the other, once the first pull has succeeded.
 *
 * Every pull is a fiber that ends with the stream, not with the consumer that waits for it. An element stays in the queue
 * until it is delivered, because an interrupted consumer may pull again.
 */
const ahead = (count: number) => <A, E>(self: Stream.Stream<A, E>): Stream.Stream<A, E> =>
  count === 0 ? self : Stream.transformPull(self, (pull, scope) =>
    Effect.sync(() => {
      const pulls: Array<Fiber.Fiber<Effect.Success<typeof pull>, Effect.Error<typeof pull>>> = []
      // A failed pull also fails the pulls that wait for it. Interruption must not leave a pull that is not in the queue.
      const pullLater = Effect.suspend(() => {
        const last = pulls.at(-1)
        const next = last === undefined ? pull : Effect.andThen(Fiber.join(last), pull)
        return Effect.forkIn(next, scope, { startImmediately: true })
      }).pipe(Effect.map((fiber) => void pulls.push(fiber)), Effect.uninterruptible)
      const fill = (most: number) =>
        Effect.suspend(() => Effect.forEach(Array.from({ length: most - pulls.length }), () => pullLater))
      const isWaiting = () => pulls[1] !== undefined && pulls[1].pollUnsafe() === undefined
      return fill(1).pipe(
        Effect.andThen(Effect.suspend(() => Fiber.join(pulls[0]!))),
        Effect.tap(() => fill(count + 1)),
        Effect.tap(() => isWaiting() ? turns : Effect.void),
        Effect.map((element) => {
          pulls.shift()
          return element
        })
      )
    }))
