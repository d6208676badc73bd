export * as Guard from "./Guard.ts"
export * as LiveId from "./LiveId.ts"
