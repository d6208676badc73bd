export * as IndexData from "./IndexData.ts"
export * as IndexDataApi from "./IndexDataApi.ts"
export * as IndexRecord from "./IndexRecord.ts"
export * as IndexStats from "./IndexStats.ts"
