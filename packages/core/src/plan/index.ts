export * as LiveId from "./LiveId.ts"
export * as Retention from "./Retention.ts"
