import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "tstyche"

const fault = Effect.runSync(ControlPlane.make({})).fault

describe("Fault", () => {
  it("happens to operations of the contract", () => {
    expect(fault).type.toBeCallableWith("Backups.create" as const, Fault.hang)
    expect(fault).type.toBeCallableWith("*" as const, Fault.hang, { times: "always" as const, skip: 2 })
    expect(fault).type.not.toBeCallableWith("Backups.nothing" as const, Fault.hang)
    expect<Fault.Operation>().type.toBeAssignableFrom<"BackupSchedules.history" | "RestoreJobs.describe">()
    expect<Fault.Operation>().type.not.toBeAssignableFrom<string>()
  })

  it("comes after the work only where that makes sense", () => {
    expect(Fault.afterCommit).type.toBeCallableWith(Fault.reset)
    expect(Fault.afterCommit).type.not.toBeCallableWith(Fault.afterCommit(Fault.reset))
    expect(Fault.afterCommit).type.not.toBeCallableWith(Fault.oldRows)
    expect(Fault.afterCommit).type.toBeCallableWith(Fault.wrongObject({ parts: ["id" as const] }))
    expect(Fault.afterCommit).type.not.toBeCallableWith(Fault.lyingSuccess())
    expect(Fault.afterCommit).type.not.toBeCallableWith(Fault.flawedRestore({ empty: true }))
  })
})

describe("ControlPlane.Options", () => {
  it("takes switches one by one, and no others", () => {
    expect<ControlPlane.Options>().type.toBeAssignableFrom<{ switches: { createStatus: 201 } }>()
    expect<ControlPlane.Options>().type.not.toBeAssignableFrom<{ switches: { createStatus: 418 } }>()
    expect<ControlPlane.Switches["lastPage"]>().type.toBe<"null" | "missing" | "emptyPage">()
  })
})
