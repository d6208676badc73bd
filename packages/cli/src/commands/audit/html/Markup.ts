/** Tagged templates that escape. */
import { html as template, raw } from "hono/html"

/** Markup, as opposed to text. */
export interface Markup {
  toString(): string
  readonly isEscaped: true
}

/** A value in a template: markup stays, text is escaped, and missing values are omitted. */
export type Value = Markup | string | number | null | undefined | false | ReadonlyArray<Value>

/** Markup from a template. Put text in elements and in quoted attributes only. */
export const html: (strings: TemplateStringsArray, ...values: ReadonlyArray<Value>) => Markup =
  // Only promises among the values make the result a promise.
  template as (strings: TemplateStringsArray, ...values: ReadonlyArray<Value>) => Markup

/** Markup from a trusted string. */
export const trusted: (text: string) => Markup = raw
