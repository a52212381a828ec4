// How the server is, for what restarts it (`/healthz`) and what sends clients or commands its way
// (`/readyz`): a line for each thing that is wrong.

import type { ServerStatus } from '../server/status.ts'

/** It cannot do its work, and does not come back to it by itself. */
export function troublesOf(status: ServerStatus): readonly string[] {
  const { state, journalTrouble, database } = status
  // A database that is away comes back without a restart, which would forget what memory has.
  if (database?.awaySince !== undefined) return []
  if (journalTrouble !== '') return [`leases cannot be stored (${journalTrouble})`]
  return state === 'serving' || state === 'starting' ? [] : [`server ${state}`]
}

/** `doors`: sockets for commands that are not open. */
export function unreadyOf(
  status: ServerStatus,
  doors: readonly { readonly name: string; readonly trouble: string }[],
): readonly string[] {
  const { state, interfaces, switchedOff, database, ha, hosts = [] } = status
  const awaited = hosts.filter(({ isAwaited }) => isAwaited)
  const isOff = (family: 4 | 6) => !awaited.some((one) => one.family === family)
  const troubles = troublesOf(status)
  return [
    ...troubles,
    ...(database?.awaySince === undefined ? [] : [`leases cannot be stored (${database.trouble})`]),
    ...(state === 'starting' ? ['the lease journal is being read'] : []),
    ...interfaces
      .filter(({ serving }) => !serving)
      .map(({ name, family, trouble }) => `interface ${name} (DHCPv${family}): ${trouble}`),
    ...awaited.map(({ database, trouble }) => `${database} was not read yet: ${trouble}`),
    ...switchedOff.filter(isOff).map((family) => `DHCPv${family} is switched off by command`),
    ...(ha?.rights === 'none' ? ['no rights yet: the partner has not been met'] : []),
    ...doors.map(({ name, trouble }) => `socket ${name}: ${trouble}`),
  ]
}
