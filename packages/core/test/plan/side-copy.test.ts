import { assert, describe, it } from "@effect/vitest"
import { BackupId } from "@pinecone-backups/core/Backup"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as Recovery from "@pinecone-backups/core/plan/Recovery"

const nameOf = (id: string, index = "docs"): string => Recovery.sideCopyName(IndexName.make(index), BackupId.make(id))

describe("Recovery.sideCopyName", () => {
  it("has the first digits of a random UUID, a short ID as it is, and the start and a hash of any other", () => {
    assert.strictEqual(nameOf("backup-51"), "docs-from-backup-51")
    assert.strictEqual(nameOf("BACKUP-52"), "docs-from-backup-52")
    assert.strictEqual(nameOf("0A1B2C3D-5a39-4254-9518-bd394b7f4886"), "docs-from-0a1b2c3d")
    assert.match(nameOf("0193a1b2-5a39-7254-9518-bd394b7f4886"), /^docs-from-0193-[a-z\d]{7}$/)
    assert.match(nameOf("my_backup.51"), /^docs-from-myba-[a-z\d]{7}$/)
  })

  it("differs for different IDs, and is the same for the same ID", () => {
    const ids = [
      ...Array.from({ length: 2_000 }, (_, n) => `backup-${n}`),
      ...Array.from({ length: 2_000 }, (_, n) => `backup-of-an-index-${n}`),
      ...Array.from({ length: 2_000 }, (_, n) => `0193a1b2-0000-7000-8000-${String(n).padStart(12, "0")}`),
      "a",
      "a-",
      "-a",
      "a_",
      "a.",
      "_",
      ""
    ]
    assert.strictEqual(new Set(ids.map((id) => nameOf(id))).size, ids.length)
    assert.deepStrictEqual(ids.map((id) => nameOf(id)), ids.map((id) => nameOf(id)))
  })

  it("is a valid name, however long the name of the index is", () => {
    for (const id of ["backup-51", "0a1b2c3d-0000-4000-8000-000000000001", "Ünïcode", "x".repeat(200), "", "-"]) {
      for (const index of ["d", "a-".repeat(22) + "a", "a".repeat(45)]) {
        const name = nameOf(id, index)
        assert.isAtMost(name.length, 45)
        assert.match(name, /^[a-z\d][a-z\d-]*[a-z\d]$/)
      }
    }
  })
})
