/** Audits several projects. Loaded on demand. */
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as ExitCode from "../../output/ExitCode.ts"
import * as HealthProgress from "../../shared/HealthProgress.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Projects from "../../shared/Projects.ts"
import * as ExitStatus from "./ExitStatus.ts"
import type * as FormatNames from "./FormatNames.ts"
import * as Look from "./Look.ts"
import type * as ProjectReport from "./ProjectReport.ts"
import * as SeveralFormats from "./SeveralFormats.ts"
import * as Unmade from "./Unmade.ts"

/** Audits the selected projects within the time limit. Returns the worst status, and the effect that prints the page. */
export const audit = Effect.fnUntraced(function*(
  input: Look.Input,
  format: FormatNames.Name,
  timeout: Option.Option<Duration.Duration>,
  selection: Projects.Selection
) {
  const failOn = Look.failOnOf(input)
  // A policy for all projects that cannot be read fails the audit, and not each project.
  if (Option.isSome(input.policy)) yield* PolicyFile.read(input.policy.value)
  const projects = yield* HealthProgress.showSeveral(
    [Projects.count(selection.profiles.length)],
    (onProgressOf) =>
      Projects.run(
        selection,
        Effect.fnUntraced(function*({ left }) {
          const { connected, within } = Look.makeLimit(timeout, left)
          return yield* within(Effect.gen(function*() {
            const policy = yield* Look.policyOf(input)
            return { policy, ...yield* connected(Look.look(input, policy, onProgressOf())) }
          }))
        }),
        {
          timeout,
          projectIds: ({ facts }) => Projects.idsOf(facts),
          rank: (result) =>
            Projects.rankOf(
              Result.isFailure(result) ? "unknown" : result.success.health.status
            )
        }
      )
  )
  const now = yield* DateTime.now
  const reports = projects.map(({ result, ...project }): ProjectReport.ProjectReport => {
    const limits = { failOn, allowEmpty: input.allowEmpty }
    return Result.isSuccess(result)
      ? {
        ...project,
        health: result.success.health,
        error: undefined,
        limits: { ...limits, policy: result.success.policy },
        looked: result.success
      }
      : {
        ...project,
        health: Unmade.report(result.failure.message, now),
        // The exit code that the audit of this project alone would have.
        error: { ...result.failure, exitCode: ExitCode.auditFailed },
        limits: { ...limits, policy: BackupPolicy.empty },
        looked: undefined
      }
  })
  const status = Projects.worstOf(reports.map(({ health }) => ExitStatus.of(health, failOn)))
  return { status, print: SeveralFormats.print(reports, selection, format, status, Look.foldsNotices(input)) }
})
