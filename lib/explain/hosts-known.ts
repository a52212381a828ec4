// What is known of a database of reservations while a client is explained, and what is said of it.

export interface HostsKnown {
  readonly database: string
  /** That count for the answer. */
  readonly reservations: number
  /** Why none of them is known, '' where all are. */
  readonly trouble: string
}

/** Of what is known beside the file. */
export interface Known {
  readonly leases: string
  /** Empty where the file names no such database. */
  readonly hosts: readonly HostsKnown[]
}

export function hostsText({ database, reservations, trouble }: HostsKnown): string {
  if (trouble !== '') return `${database}: ${trouble}; what it reserves is not known here`
  return `${reservations} reservation${reservations === 1 ? '' : 's'} of ${database}`
}

/** Nobody is said to have no reservation while a database may have one. */
export function noReservationText(
  lookedUpBy: readonly string[],
  hosts: readonly HostsKnown[],
): string {
  const by = `(looked up by ${lookedUpBy.join(', ')})`
  const unread = hosts.filter(({ trouble }) => trouble !== '').map(({ database }) => database)
  if (unread.length === 0) return `none ${by}`
  return `none is known ${by}; not looked into: ${unread.join(', ')}`
}
