/**
 * Ids of backup schedules.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema for the id of a backup schedule. Ids are opaque: nothing checks their form until one is sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleId = Schema.String.pipe(Schema.brand("ScheduleId"))

/**
 * The id of a backup schedule.
 *
 * @category models
 * @since 0.1.0
 */
export type ScheduleId = typeof ScheduleId.Type
