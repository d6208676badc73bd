/**
 * Pages of lists.
 *
 * **Example** (Reading a list page by page)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const first = yield* backups.listPage({ limit: 4 })
 *   yield* Console.log(first.data.length) // => 4
 *   const second = yield* backups.listPage({ paginationToken: first.next })
 *   yield* Console.log(second.data.length, second.next) // => 2 undefined
 * })
 * ```
 *
 * @since 0.1.0
 */

/**
 * One page of a list.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<out A> {
  /** The rows, in the order of the service, which is not guaranteed. Can be empty although more pages follow. */
  readonly data: ReadonlyArray<A>
  /** The token of the next page; `undefined` on the last page. */
  readonly next: string | undefined
}

/**
 * Options for requesting one page.
 *
 * @category options
 * @since 0.1.0
 */
export interface PageOptions {
  /**
   * Maximum number of rows, 1 or more.
   *
   * **Gotchas**
   *
   * Send it only with the first page. The token includes it, and the service skips or repeats rows when both are sent.
   *
   * @default chosen by the service: 10 or 100
   */
  readonly limit?: number | undefined
  /**
   * The token of the page, from the previous page.
   *
   * @default the first page
   */
  readonly paginationToken?: string | undefined
}

/**
 * Options for streaming a list.
 *
 * @category options
 * @since 0.1.0
 */
export interface StreamOptions {
  /**
   * Number of rows to request per page, 1 or more. The service can return fewer.
   *
   * @default 100
   */
  readonly pageSize?: number | undefined
  /**
   * Number of pages to fetch ahead of the consumer, up to 100, once the first page has arrived.
   *
   * **Gotchas**
   *
   * A stream that ends early has already fetched that many additional pages. Interrupting a single pull of the stream does not
   * stop its request. Closing the stream does.
   *
   * @default 0
   */
  readonly prefetch?: number | undefined
  /**
   * The token to start from: the `next` of a page of an earlier listing. The token includes the page size, so
   * `pageSize` is ignored.
   *
   * **Gotchas**
   *
   * The last page has no token: its `next` is `undefined`, which starts from the first page.
   *
   * @default the first page
   */
  readonly paginationToken?: string | undefined
}
