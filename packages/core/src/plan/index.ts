export * as LiveId from "./LiveId.ts"
export * as Recovery from "./Recovery.ts"
export * as RecoveryPlan from "./RecoveryPlan.ts"
export * as RecoveryReport from "./RecoveryReport.ts"
