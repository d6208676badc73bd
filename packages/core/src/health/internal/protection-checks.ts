import type * as Findings from "./findings.ts"
import * as Text from "./text.ts"

/** Only `"enabled"` counts as protection, not a missing or unknown value. */
export const noDeletionProtection: Findings.Check = (
  { index: { deletionProtection, name }, requirements: { requireDeletionProtection } }
) =>
  deletionProtection === "enabled" ? [] : [{
    check: "no-deletion-protection",
    severity: requireDeletionProtection === true ? "warning" : "notice",
    sentence: deletionProtection === "disabled"
      ? "deletion protection is disabled"
      : deletionProtection == null
      ? "the service does not report deletion protection"
      : `deletion protection is ${Text.plain(deletionProtection)}, not enabled`,
    remedy: { _tag: "ProtectIndex", indexName: name }
  }]
