/** Determines what a `pcb api` request would delete, and the confirmations it needs. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Time from "../../output/Time.ts"
import * as BackupView from "../../shared/BackupView.ts"
import type * as Confirmation from "../../shared/Confirmation.ts"
import * as CopyView from "../../shared/CopyView.ts"
import * as Deletion from "../../shared/Deletion.ts"
import type * as DryRun from "../../shared/DryRun.ts"
import * as Listing from "../../shared/Listing.ts"
import * as Retention from "../../shared/Retention.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Selector from "../../shared/Selector.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"

/** The losses caused by a request. */
interface Loss {
  readonly lost: Partial<DryRun.Lost>
  /** Lines to print before the prompt. */
  readonly consequences: ReadonlyArray<string>
  /** The confirmations that are still required with the given flags. */
  readonly questions: ReadonlyArray<Confirmation.Subject>
}

const nothing: Loss = { lost: {}, consequences: [], questions: [] }

const decoded = Option.liftThrowable(decodeURIComponent)

/** The segments of a path, decoded: `["backups", "a1"]`. */
const segmentsOf = (path: string): ReadonlyArray<string> =>
  path.replace(/[?#].*$/s, "").split("/")
    // The service may treat an escaped slash as a separator.
    .flatMap((segment) => Option.getOrElse(decoded(segment), () => segment).split("/"))
    .filter((segment) => segment !== "")

const roots = ["indexes", "backups", "backup-schedules"] as const

/** The resource that a path names: `unclear` if the path only resembles the path of a known resource, else `other`. */
const subjectOf = (path: string): readonly [root: typeof roots[number] | "unclear" | "other", id: string] => {
  const segments = segmentsOf(path)
  const [first = "", id = ""] = segments
  const root = roots.find((root) => root === first.toLowerCase())
  if (root !== undefined && segments.length === 2) return [root, id]
  const isNear = segments.some((segment) => roots.some((root) => root === segment.toLowerCase()))
  return [isNear ? "unclear" : "other", ""]
}

/** The name of the index in a path. */
export const indexNameOf = (path: string): string | undefined => {
  const [root = "", name] = segmentsOf(path)
  return root.toLowerCase() === "indexes" ? name : undefined
}

/** Returns `undefined` if the resource does not exist, in which case nothing is lost. */
const unlessGone = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | undefined, E, R> =>
  Effect.catchIf(self, Predicate.isTagged("PineconeNotFound"), () => Effect.undefined)

const warned = (text: string) => Effect.map(Screen.Screen, (screen) => `${Symbols.note(screen, "warning")} ${text}`)

/** An unknown loss, treated as the loss of the last good backup of an index. */
const unclear = Effect.fnUntraced(function*(line: string, path: string, { allowLastCopy, yes }: Deletion.Consent) {
  const loss: Loss = {
    lost: { isKnown: false },
    consequences: [
      yield* warned("This request may delete the last good backup of an index (its effect is not known)")
    ],
    questions: yes && allowLastCopy ? [] : [{ action: line, typed: path, flags: Deletion.lastCopyFlags }]
  }
  return loss
})

const ofBackup = Effect.fnUntraced(function*(line: string, id: string, consent: Deletion.Consent) {
  const backups = yield* Backups.Backups
  const backup = yield* unlessGone(backups.describe(Backup.BackupId.make(id)))
  const impact = yield* Deletion.impactOf(backup === undefined ? [] : [backup], [])
  const actions = { action: line, lastAction: (index: string) => `delete the last good backup of ${index}` }
  const loss: Loss = {
    lost: impact,
    consequences: impact.consequences,
    questions: Deletion.questions(impact, actions, consent)
  }
  return loss
})

const ofSchedule = Effect.fnUntraced(function*(line: string, id: string, { yes }: Deletion.Consent) {
  const found = yield* unlessGone(Selector.scheduleById(BackupSchedule.ScheduleId.make(id)))
  const loss: Loss = {
    lost: { schedules: found === undefined ? [] : [found.schedule.scheduleId] },
    consequences: found === undefined ? [] : [
      `${ScheduleView.nameOf(found.schedule)} of ${
        Format.plain(found.indexName)
      } stops taking backups. Its existing backups are kept until they expire.`
    ],
    questions: yes ? [] : [{ action: line }]
  }
  return loss
})

/**
 * The loss of an index, its data and its schedules. The backups are kept, so the index can be restored if a good backup
 * exists.
 */
const ofIndex = Effect.fnUntraced(function*(line: string, id: string, consent: Deletion.Consent) {
  const indexes = yield* Indexes.Indexes
  const name = PineconeIndex.IndexName.make(id)
  const index = yield* unlessGone(indexes.describe(name))
  if (index === undefined) return { ...nothing, questions: consent.yes ? [] : [{ action: line }] }
  const backups = yield* Backups.Backups
  // Without backups of deleted indexes that had the same name.
  const listed = (yield* unlessGone(Stream.runCollect(backups.listByIndex(name)))) ?? []
  const copies = yield* CopyView.judge(
    listed.filter(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt == null),
    yield* Time.now
  )
  const schedules = (yield* unlessGone(Listing.schedulesOf([name]))) ?? []
  const newest = Copies.newestSound(copies)
  const shown = Format.plain(name)
  const impact = { leftWithoutBackup: newest === undefined ? [name] : [] }
  const loss: Loss = {
    lost: {
      ...impact,
      indexes: [name],
      schedules: schedules.map(({ schedule }) => schedule.scheduleId)
    },
    consequences: [
      `Index ${shown} will be permanently deleted, with its data${
        schedules.length === 0
          ? ""
          : ` and its ${schedules.length === 1 ? "schedule" : "schedules"} ${
            schedules.map(({ schedule }) => ScheduleView.nameOf(schedule)).join(", ")
          }`
      }. Its backups are kept: scheduled backups until they expire, manual backups until they are deleted.`,
      newest === undefined
        ? yield* warned(
          `No ${
            copies.some(({ backup }) => Backup.isReady(backup))
              ? "good "
              : ""
          }backup will be left to restore ${shown} from`
        )
        : Format.plain(
          `  its newest good backup is ${BackupView.nameOf(newest.backup)} (${yield* BackupView.facts(
            newest.backup,
            yield* Time.now
          )})`
        )
    ],
    questions: Deletion.questions(impact, {
      action: line,
      lastAction: (index) => `permanently delete index ${index}`
    }, consent)
  }
  return loss
})

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** The retention in days in a request body: `"none"` if the body has no retention, `"unclear"` if it cannot be read. */
const keepOf = (body: string | undefined): number | "none" | "unclear" => {
  const json = Option.getOrUndefined(parsed(body ?? "null"))
  if (!/retention|expire/i.test(JSON.stringify(json) ?? "")) return "none"
  const days = Predicate.hasProperty(json, "retention") && Predicate.hasProperty(json.retention, "expire_after_days")
    ? json.retention.expire_after_days
    : undefined
  return Number.isSafeInteger(days) && Number(days) >= 1 ? Number(days) : "unclear"
}

const ofRetention = Effect.fnUntraced(function*(id: string, keep: number, consent: Deletion.Consent) {
  const scheduled = yield* unlessGone(Selector.scheduleById(BackupSchedule.ScheduleId.make(id)))
  if (scheduled === undefined || !Retention.isShorter(scheduled, keep)) return nothing
  const { count, ...impact } = yield* Retention.impactOf(scheduled, keep)
  const loss: Loss = {
    lost: impact,
    consequences: impact.consequences,
    questions: count === 0 ? [] : Deletion.questions(impact, Retention.actionsOf(count), consent)
  }
  return loss
})

/**
 * Determines what a request would lose, by the same rules as the dedicated commands: deletion of a backup, schedule or
 * index, and a shorter retention.
 *
 * **Details**
 *
 * Every deletion needs confirmation. An unknown effect counts as the loss of the last good backup. Fails if the
 * affected resources cannot be read.
 */
export const of = Effect.fnUntraced(function*(
  line: string,
  { body, method, path }: PineconeClient.Request,
  consent: Deletion.Consent
) {
  const [subject, id] = subjectOf(path)
  if (method === "DELETE") {
    switch (subject) {
      case "backups":
        return yield* ofBackup(line, id, consent)
      case "backup-schedules":
        return yield* ofSchedule(line, id, consent)
      case "indexes":
        return yield* ofIndex(line, id, consent)
      case "unclear":
        return yield* unclear(line, path, consent)
      case "other":
        return { ...nothing, questions: consent.yes ? [] : [{ action: line }] }
    }
  }
  const isOfSchedule = segmentsOf(path).some((segment) => segment.toLowerCase() === "backup-schedules")
  const keep = method === "GET" || !isOfSchedule ? "none" : keepOf(body)
  // Creating a schedule deletes nothing.
  if (keep === "none" || (method === "POST" && segmentsOf(path).at(-1)?.toLowerCase() === "backup-schedules")) {
    return nothing
  }
  return keep === "unclear" || subject !== "backup-schedules"
    ? yield* unclear(line, path, consent)
    : yield* ofRetention(id, keep, consent)
})
