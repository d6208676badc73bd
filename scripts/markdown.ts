/** The documents of this repository: which there are, their links, and their anchors. */
import { globSync } from "node:fs"

/** The README and every document of a package, changelogs excepted: a new guide is checked as soon as it exists. */
export const documents = (): ReadonlyArray<string> =>
  globSync(["README.md", "packages/*/**/*.md"], {
    cwd: `${import.meta.dirname}/..`,
    exclude: ["**/node_modules/**", "**/CHANGELOG.md"]
  }).sort()

/** A document without the code in it, in which nothing is a link or a heading. */
const prose = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, "")

/** The links of a document, in Markdown and in HTML, to pages and to images. */
export const linksOf = (text: string): ReadonlyArray<string> =>
  [
    ...prose(text).matchAll(
      /\]\(<?([^)>\s]+)>?[^)]*\)|^\[[^\]]+\]: (\S+)|<(?:a|img)\b[^>]*?\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gim
    )
  ].map(([, ...forms]) => forms.find((form) => form !== undefined) ?? "")

/** The anchors of a document, as the hosts of code and packages make them of headings. */
export const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...prose(text).matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    )
  )
