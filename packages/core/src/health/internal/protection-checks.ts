import type * as Findings from "./findings.ts"
import * as Text from "./text.ts"

/** Nothing but `"enabled"` is protection: not what the service leaves out, nor a value that nobody knows. */
export const noDeletionProtection: Findings.Check = (
  { index: { deletionProtection, name }, requirements: { requireDeletionProtection } }
) =>
  deletionProtection === "enabled" ? [] : [{
    check: "no-deletion-protection",
    severity: requireDeletionProtection === true ? "warning" : "notice",
    sentence: deletionProtection === "disabled"
      ? "it is not protected from being deleted"
      : deletionProtection == null
      ? "the service does not say whether it is protected from being deleted"
      : `its deletion protection is ${Text.plain(deletionProtection)}, and not enabled`,
    remedy: { _tag: "ProtectIndex", indexName: name }
  }]
