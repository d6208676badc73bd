/** The backup of the index that a replacement deletes: it must have the records of that index. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Backup from "../../Backup.ts"
import type * as Backups from "../../Backups.ts"
import { isId, isSame } from "../../internal/same.ts"
import { millis } from "../../internal/time.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import type * as RecoveryReport from "../RecoveryReport.ts"
import type * as Session from "./recovery-session.ts"

/** Time within which the service must report the number of records of a backup that is ready, and the interval of reads. */
const counting = { patience: Duration.minutes(1), interval: Duration.seconds(10) }

/** Checks a backup that is ready. Waits for its number of records, because the service may report it later. */
export const check = Effect.fnUntraced(function*(
  session: Session.Session,
  backups: Backups.Service,
  ready: Backup.Backup,
  replaced: RecoveryPlan.Replaced | null
): Effect.fn.Return<Backup.Backup, RecoveryReport.RecoveryError> {
  const { backupId } = ready
  const since = millis(yield* DateTime.now)
  let backup = ready
  while (backup.recordCount == null && millis(yield* DateTime.now) - since < Duration.toMillis(counting.patience)) {
    yield* session.sleep(counting.interval, `the number of records of backup ${backupId}`)
    backup = yield* session.orFail(backups.describe(backupId))
  }
  const { recordCount, sourceIndexId, sourceIndexName } = backup
  if (recordCount == null || recordCount <= 0) {
    return yield* session.fail(
      "backup-failed",
      recordCount == null
        ? `Backup ${backupId} of index "${sourceIndexName}" does not report its number of records, so it may be empty`
        : `Backup ${backupId} of index "${sourceIndexName}" has no records: it omits what was written in the last 15 minutes`
    )
  }
  const replacedId = replaced?.indexId ?? null
  if (!isId(sourceIndexId) || (replacedId !== null && !isSame(sourceIndexId, replacedId))) {
    return yield* session.fail("moved", `Backup ${backupId} is not a backup of the index that is replaced`)
  }
  return backup
})
