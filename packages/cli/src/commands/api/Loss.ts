/** What a request of `pcb api` would lose, by its path and body, and the questions before it. */
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

/** What a request would lose. */
interface Loss {
  readonly lost: Partial<DryRun.Lost>
  /** What to tell people, one a line. */
  readonly consequences: ReadonlyArray<string>
  /** What would be asked first, by the flags that were given. */
  readonly questions: ReadonlyArray<Confirmation.Subject>
}

const nothing: Loss = { lost: {}, consequences: [], questions: [] }

const decoded = Option.liftThrowable(decodeURIComponent)

/** What a path names, however it is spelled: `["backups", "a1"]`. */
const segmentsOf = (path: string): ReadonlyArray<string> =>
  path.replace(/[?#].*$/s, "").split("/")
    // An escaped slash may be one to the service.
    .flatMap((segment) => Option.getOrElse(decoded(segment), () => segment).split("/"))
    .filter((segment) => segment !== "")

const roots = ["indexes", "backups", "backup-schedules"] as const

/** What a path is about: a thing of the contract, something below or beside one, or something else. */
const subjectOf = (path: string): readonly [root: typeof roots[number] | "unclear" | "other", id: string] => {
  const segments = segmentsOf(path)
  const [first = "", id = ""] = segments
  const root = roots.find((root) => root === first.toLowerCase())
  if (root !== undefined && segments.length === 2) return [root, id]
  const isNear = segments.some((segment) => roots.some((root) => root === segment.toLowerCase()))
  return [isNear ? "unclear" : "other", ""]
}

/** The name of the index that a path is about. */
export const indexNameOf = (path: string): string | undefined => {
  const [root = "", name] = segmentsOf(path)
  return root.toLowerCase() === "indexes" ? name : undefined
}

/** What is not there cannot be lost. */
const unlessGone = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | undefined, E, R> =>
  Effect.catchIf(self, Predicate.isTagged("PineconeNotFound"), () => Effect.undefined)

const warned = (text: string) => Effect.map(Screen.Screen, (screen) => `${Symbols.note(screen, "warning")} ${text}`)

/** A loss that nobody can tell: it may be that of the last good copy of an index. */
const unclear = Effect.fnUntraced(function*(line: string, path: string, { allowLastCopy, yes }: Deletion.Consent) {
  const loss: Loss = {
    lost: { isKnown: false },
    consequences: [
      yield* warned("What is lost by this is not known: it may be the last good backup of an index")
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
      } makes no more backups. Those it made stay until their time is over.`
    ],
    questions: yes ? [] : [{ action: line }]
  }
  return loss
})

/** An index goes with its data and its schedules. Its backups stay: whether one of them is good is what matters. */
const ofIndex = Effect.fnUntraced(function*(line: string, id: string, consent: Deletion.Consent) {
  const indexes = yield* Indexes.Indexes
  const name = PineconeIndex.IndexName.make(id)
  const index = yield* unlessGone(indexes.describe(name))
  if (index === undefined) return { ...nothing, questions: consent.yes ? [] : [{ action: line }] }
  const listed = yield* Listing.backupsEverOfAny([name])
  // Those of another index that bore its name are not its copies.
  const copies = CopyView.judge(listed.filter(({ sourceIndexId }) => sourceIndexId === index.id), yield* Time.now)
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
      `Index ${shown} goes for good, with its data${
        schedules.length === 0
          ? ""
          : ` and its ${schedules.length === 1 ? "schedule" : "schedules"} ${
            schedules.map(({ schedule }) => ScheduleView.nameOf(schedule)).join(", ")
          }`
      }. Its backups stay until their time is over.`,
      newest === undefined
        ? yield* warned(
          `Nothing ${
            copies.some(({ backup }) => Backup.isReady(backup))
              ? "good "
              : ""
          }will be left to restore ${shown} from`
        )
        : Format.plain(
          `  the newest good one is ${BackupView.nameOf(newest.backup)} (${
            BackupView.facts(newest.backup, yield* Time.now)
          })`
        )
    ],
    questions: Deletion.questions(impact, {
      action: line,
      lastAction: (index) => `delete index ${index} for good`
    }, consent)
  }
  return loss
})

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** For how many days a body says that backups are kept: `"none"`, if it says nothing, and `"unclear"`, if that is no number. */
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
 * What a request would lose, by the rules of the commands that do the same: a deletion of a backup, a schedule or an index,
 * and a shorter retention. Every deletion is asked about. What cannot be told is taken for the last good copy, and what
 * cannot be read fails.
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
  // To create a schedule loses nothing.
  if (keep === "none" || (method === "POST" && segmentsOf(path).at(-1)?.toLowerCase() === "backup-schedules")) {
    return nothing
  }
  return keep === "unclear" || subject !== "backup-schedules"
    ? yield* unclear(line, path, consent)
    : yield* ofRetention(id, keep, consent)
})
