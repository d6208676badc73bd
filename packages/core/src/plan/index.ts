export * as LiveId from "./LiveId.ts"
