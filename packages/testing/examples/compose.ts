/** The code under test in these examples. */
export * from "../../core/examples/compose.ts"
