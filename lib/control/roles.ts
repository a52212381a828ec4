// Who may do what: a role of the configuration judges by what the table says of a command.

import type { Role, RoleLevel } from '../config/plan/role.ts'
import type { Command } from './command.ts'

/** What an operator may change: leases and reservations, and whether this server serves. */
const OPERATED_LIBRARIES: ReadonlySet<Command['library']> = new Set(['lease_cmds', 'host_cmds'])
const OPERATED_COMMANDS: ReadonlySet<string> = new Set([
  ...['dhcp-disable', 'dhcp-enable', 'leases-reclaim'],
  ...['ha-maintenance-start', 'ha-maintenance-cancel', 'ha-maintenance-notify'],
])

const LEVELS: Readonly<Record<RoleLevel, (command: Command) => boolean>> = {
  viewer: ({ access }) => access === 'read',
  operator: ({ access, library, name }) =>
    access === 'read' || OPERATED_LIBRARIES.has(library) || OPERATED_COMMANDS.has(name),
  admin: () => true,
}

export function permits(role: Role, command: Command): boolean {
  const { name } = command
  if (role.deny.includes(name)) return false
  return role.allow.includes(name) || LEVELS[role.level](command)
}

/**
 * Passwords and keys in what reservations, subnets and options say: who writes back what it has
 * read needs them.
 */
export function seesSecrets(role: Role): boolean {
  return role.level === 'admin'
}
