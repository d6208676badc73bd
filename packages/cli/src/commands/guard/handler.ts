/** Handler of `pcb guard`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Guard from "@pinecone-backups/core/plan/Guard"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import * as Provided from "../../engine/Provided.ts"
import * as Globals from "../../input/Globals.ts"
import * as Operands from "../../input/Operands.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as BackupView from "../../shared/BackupView.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as WaitScreen from "../../shared/WaitScreen.ts"
import * as WaitText from "../../shared/WaitText.ts"
import * as Format from "../../terminal/Format.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as ChildProgram from "./ChildProgram.ts"
import * as GuardReport from "./GuardReport.ts"
import * as NoNet from "./NoNet.ts"

interface Input {
  readonly target: Target.One
  readonly maxAge: Option.Option<Duration.Duration>
  readonly timeout: Option.Option<Duration.Duration>
  readonly settle: Option.Option<Duration.Duration>
  readonly name: Option.Option<string>
  readonly allowEmpty: boolean
  readonly allowShrunk: boolean
  readonly report: Option.Option<string>
  readonly dryRun: boolean
}

const indexOf = ({ target }: Input) => PineconeIndex.IndexName.make(Target.of(target))

const optionsOf = Effect.fnUntraced(function*(input: Input, program: string) {
  const { allowEmpty, allowShrunk, maxAge, name, settle, timeout } = input
  const options: Guard.Options = {
    maxAge: Option.getOrUndefined(maxAge),
    timeout: Option.getOrUndefined(timeout),
    settle: Option.getOrUndefined(settle),
    name: Option.getOrUndefined(name),
    // The arguments may contain secrets.
    description: program === "" ? undefined : program,
    allowEmpty,
    allowShrunk,
    now: yield* Time.Now
  }
  return options
})

// ============================================================================
// Net
// ============================================================================

/** Why a new backup is created although `--max-age` is given. */
const notReused: Readonly<Record<Guard.NotReused, string | undefined>> = {
  "not-requested": undefined,
  "none": "no good backup exists",
  "too-old": "the newest good backup is too old",
  "doubtful": "a newer backup is empty, shrunk or of unknown size",
  "expiring": "the newest good backup expires soon",
  "unknown": "it is unknown which backup could be used"
}

const because = (reason: Guard.NotReused): string => {
  const text = notReused[reason]
  return text === undefined ? "" : `: ${text}`
}

const sizeOf = ({ recordCount, sizeBytes }: Backup.Backup): string =>
  [
    ...(recordCount == null ? [] : [Format.countOf(recordCount, "record")]),
    ...(sizeBytes == null ? [] : [Format.bytes(sizeBytes)])
  ].join(", ")

const dataNote = ({ dataUntil }: Guard.Net): string => `  writes after ${Format.minute(dataUntil)} are not in it`

/** The line about the net, before the command is run. */
const headlineOf = Effect.fnUntraced(function*({ backup, isReused }: Guard.Net, took: string) {
  const name = Format.plain(BackupView.nameOf(backup))
  return isReused
    ? `using ${name} (${Format.plain(yield* BackupView.facts(backup, yield* Time.now))})`
    : `${name} is ready in ${took}: ${sizeOf(backup)}`
})

/** Waits for the net, with visible progress on standard error. */
const establish = Effect.fnUntraced(function*(
  index: PineconeIndex.IndexName,
  options: Guard.Options,
  done: NoNet.Done
) {
  const { during, isLive, isQuiet, say, screen, sinceStart } = yield* WaitScreen.make
  const { isUnicode } = screen
  const tell = (line: string) => say(Note.fit(screen, line).join("\n"))
  let startedAt = yield* sinceStart
  const entry: WaitText.Entry = { id: index, state: { name: index, status: "checking" }, isOver: false }
  const surroundings = Effect.map(
    sinceStart,
    (elapsed) => ({ elapsed: Format.elapsed(elapsed), estimate: undefined, isUnicode })
  )
  const mention = isQuiet || isLive
    ? Effect.void
    : Effect.flatMap(surroundings, (around) => Console.error(WaitText.logLine(entry.state, around)))
  const onProgress = Guard.Progress.$match({
    Settling: ({ duration }) => {
      entry.state = { name: index, status: "waiting before the backup" }
      return tell(`Waiting ${Format.elapsed(duration)} before the backup of ${Format.plain(index)}`)
    },
    Starting: (progress) => {
      entry.state = { name: index, status: "starting a backup" }
      done.isStarting = true
      const reason = because(progress.notReused)
      return Effect.andThen(
        Effect.map(sinceStart, (now) => {
          startedAt = now
        }),
        reason === "" ? Effect.void : tell(`Starting a backup of ${Format.plain(index)}${reason}`)
      )
    },
    Waiting: ({ backup }) => {
      const isNew = done.backup === undefined
      const isChange = isNew || entry.state.status !== backup.status
      entry.state = { name: BackupView.nameOf(backup), status: backup.status }
      done.backup = backup
      return Effect.andThen(
        isNew ? tell(`Started backup ${Format.plain(backup.backupId)} of ${Format.plain(index)}`) : Effect.void,
        isChange && !Backup.isFinal(backup) ? mention : Effect.void
      )
    }
  })
  const net = yield* during(
    (size) => Effect.map(surroundings, (around) => WaitText.liveLine([entry], around, size)),
    mention
  )(Guard.establish(index, { ...options, onProgress }))
  const took = Format.elapsed(Duration.subtract(yield* sinceStart, startedAt))
  yield* tell(`${Symbols.note(screen, "done")} ${yield* headlineOf(net, took)}`)
  yield* tell(dataNote(net))
  return net
})

// ============================================================================
// Dry run
// ============================================================================

const preview = Effect.fnUntraced(function*(input: Input, program: string) {
  const index = indexOf(input)
  const found = yield* Guard.preview(index, yield* optionsOf(input, program))
  const run = program === "" ? "the command" : Format.plain(program)
  if (found._tag === "Create") {
    yield* Note.info(
      `Would start a backup of ${Format.plain(index)}${because(found.notReused)}`,
      `Would run ${run} if the backup becomes ready and is good`
    )
    return yield* DryRun.print({ requests: [found.request] })
  }
  const { backup } = found.net
  const facts = yield* BackupView.facts(backup, yield* Time.now)
  yield* Note.info(
    `Would use backup ${Format.plain(BackupView.nameOf(backup))} (${Format.plain(facts)})`,
    dataNote(found.net),
    `Would run ${run}`
  )
  yield* DryRun.print({ requests: [] })
})

// ============================================================================
// Run
// ============================================================================

/** The error of a command that cannot be started. */
const problemOf = (program: string, exitCode: number, { effect = "", why }: { effect?: string; why?: string }) =>
  new CliFailure({
    code: exitCode === ExitCode.programNotFound ? "PROGRAM_NOT_FOUND" : "NOT_EXECUTABLE",
    message: exitCode === ExitCode.programNotFound
      ? `${Format.plain(program)} was not found${effect}`
      : `${Format.plain(program)} cannot be executed${effect}`,
    why,
    exitCode
  })

const failureOf = (program: string, net: Guard.Net, end: ChildProgram.End, next: string | undefined): CliFailure => {
  const { exitCode, isStarted, signal } = end
  const { backup, dataUntil, indexName } = net
  const until = `has the data of ${Format.plain(indexName)} until ${Format.minute(dataUntil)}`
  const why = `backup ${Format.plain(Format.shortId(backup.backupId))} ${until}`
  if (!isStarted) return problemOf(program, exitCode, { why })
  return new CliFailure({
    code: "COMMAND_FAILED",
    message: `${Format.plain(program)} ${signal === null ? `exited with ${exitCode}` : `was ended by ${signal}`}`,
    why,
    hint: next,
    started: { backupId: backup.backupId },
    exitCode
  })
}

/** Fails if the API key would be read from the standard input of the command. */
const checkInput = Effect.gen(function*() {
  if (!Option.contains(yield* Globals.ApiKeyFile, "-")) return
  return yield* new CliFailure({
    code: "USAGE",
    message: "--api-key-file - cannot be used with guard, because standard input belongs to the command",
    exitCode: ExitCode.notRun
  })
})

/** `pcb guard` */
export const run = Effect.fnUntraced(function*(input: Input) {
  const operands = yield* Operands.Operands
  const program = ChildProgram.nameOf(operands)
  const index = indexOf(input)
  yield* ExitCode.decide(ExitCode.notRun, ExitCode.notRun, ExitCode.notRun)
  if (input.dryRun) {
    yield* preview(input, program).pipe(NoNet.explained(index, program), Provided.by(Connection.layer), NoNet.notRun)
    return yield* ExitCode.decide(0)
  }

  const write = yield* GuardReport.make(input.report)
  const done: NoNet.Done = { isStarting: false, backup: undefined }
  const result = { indexName: index, program }
  const notRun = (error: { readonly code: string; readonly message: string }) =>
    write({ ...result, net: undefined, end: undefined, error, backupId: done.backup?.backupId })

  const child = yield* ChildProgram.ChildProgram
  const exitCode = yield* child.check(operands)
  if (exitCode !== undefined) {
    const error = problemOf(program, exitCode, { effect: ", so no backup was created" })
    const end = { exitCode, signal: null, isStarted: false }
    yield* write({ ...result, net: undefined, end, error: error.report })
    yield* ExitCode.decide(exitCode, exitCode, exitCode)
    return yield* error
  }

  const net = yield* Effect.andThen(
    checkInput,
    Effect.flatMap(optionsOf(input, program), (options) => establish(index, options, done)).pipe(
      NoNet.explained(index, program),
      Provided.by(Connection.layer)
    )
  ).pipe(
    NoNet.notRun,
    Effect.tapError(({ report }) => notRun(report)),
    Effect.onInterrupt(() =>
      Effect.andThen(
        Effect.flatMap(NoNet.interrupted(index, program, done), (line) => Console.error(line)),
        notRun({ code: "INTERRUPTED", message: "interrupted before the command was run" })
      )
    )
  )

  const end = yield* child.run(operands, {
    PCB_GUARD_BACKUP_ID: net.backup.backupId,
    PCB_GUARD_INDEX: net.indexName
  })
  yield* ExitCode.decide(end.exitCode, end.exitCode, end.exitCode)
  if (end.exitCode === 0) return yield* write({ ...result, net, end })
  const remedy = Guard.remedyOf(net)
  const next = end.isStarted ? yield* SameConnection.add(RemedyCommand.render(remedy)) : undefined
  const failure = failureOf(program, net, end, next)
  yield* write({ ...result, net, end, ...(end.isStarted ? { remedy, next } : { error: failure.report }) })
  return yield* failure
})
