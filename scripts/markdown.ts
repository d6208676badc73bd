/** Links and anchors of documents. */

/** A document without code blocks, which have no links or headings. */
const prose = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, "")

/** The links of a document, in Markdown and in HTML, to pages and to images. */
export const linksOf = (text: string): ReadonlyArray<string> =>
  [
    ...prose(text).matchAll(
      /\]\(<?([^)>\s]+)>?[^)]*\)|^\[[^\]]+\]: (\S+)|<(?:a|img)\b[^>]*?\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gim
    )
  ].map(([, ...forms]) => forms.find((form) => form !== undefined) ?? "")

/** The anchors of a document, derived from headings as code and package hosts do. */
export const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...prose(text).matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    )
  )
