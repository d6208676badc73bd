/** The modules of this library that `library.ts` imports. */
export * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
export * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
export * as Pinecone from "@pinecone-backups/core/Pinecone"
export * as RestoreJob from "@pinecone-backups/core/RestoreJob"
export * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
