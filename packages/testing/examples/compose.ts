/** In these examples, the code under test. */
export * from "../../core/examples/compose.ts"
