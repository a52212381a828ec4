// What a user of the management side may do, as the configuration says it: data alone. Who judges
// by it is control/roles.ts, who finds the role of an asker the doors.

/** `viewer` reads, `operator` also changes leases and reservations, `admin` may do everything. */
export type RoleLevel = 'viewer' | 'operator' | 'admin'

export interface Role {
  /** For log lines. */
  readonly name: string
  readonly level: RoleLevel
  /** Commands by name, beyond those of the level. */
  readonly allow: readonly string[]
  /** Commands by name, taken away from all that. */
  readonly deny: readonly string[]
}

export const ROLE_LEVELS: readonly RoleLevel[] = ['viewer', 'operator', 'admin']

/** A level with nothing added or taken away. */
export function plainRole(level: RoleLevel): Role {
  return { name: level, level, allow: [], deny: [] }
}
