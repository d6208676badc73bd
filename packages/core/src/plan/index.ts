export * as LiveId from "./LiveId.ts"
export * as SavedPlan from "./SavedPlan.ts"
export * as SchedulePlan from "./SchedulePlan.ts"
export * as ScheduleStep from "./ScheduleStep.ts"
