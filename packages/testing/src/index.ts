export * as ControlPlane from "./ControlPlane.ts"
export * as Emulator from "./Emulator.ts"
export * as PineconeMemory from "./PineconeMemory.ts"
export * as Simulation from "./Simulation.ts"
