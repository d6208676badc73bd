/** The code under test in these examples. */
export * from "../../core/examples/health.ts"
