// Metrics of names in DNS: what is owed, to whom, and what has been done.

import type { NamesCounts, NamesStatus } from '../../server/names/names-status.ts'
import type { MetricList } from './metric-list.ts'

const COUNTS: Readonly<Record<keyof NamesCounts, string>> = {
  added: 'Names and addresses that were added',
  removed: 'Names and addresses that were removed',
  void: 'Changes that were not sent, since the lease said otherwise by then',
  conflicts: 'Names that were somebody else’s',
  failed: 'Changes that a server answered in a way that nothing explains',
  unserved: 'Names that no zone of the configuration has',
  dropped: 'Removals that were given up, since too many waited',
  silent: 'Times that a server did not answer',
  blocked: 'Times that a server refused a zone',
}

/** Nothing where no name was ever registered. */
export function addNames(status: NamesStatus, list: MetricList): void {
  for (const { place, trouble, waiting } of status.sinks) {
    const gauge = (name: string, help: string, value: number) =>
      list.add(`whio_name_sink_${name}`, help, 'gauge', { place }, value)
    gauge('waiting', 'Changes that the place lacks; a file lacks one', waiting)
    gauge('away', 'Whether the place does not take names', trouble === '' ? 0 : 1)
  }
  const { addresses, conflicts, counts, inFlight, oldest, owed, owedByPartner, via, zones } = status
  if (via === 'off' && addresses === 0) return
  const gauge = (name: string, help: string, value: number, labels = {}) =>
    list.add(`whio_ddns_${name}`, help, 'gauge', labels, value)
  gauge('addresses', 'Addresses of which something is in DNS, or should be', addresses)
  gauge('queue', 'Of them, those of which this server owes something', owed)
  gauge('queue_of_partner', 'The same of the partner', owedByPartner)
  gauge('oldest_seconds', 'For how long the oldest of what is owed waits', oldest)
  gauge('in_flight', 'Changes that a server has not answered yet', inFlight)
  gauge('conflicts', 'Names of leases that are somebody else’s in DNS', conflicts)
  for (const { direction, name, servers, waiting } of zones) {
    const zone = name === '' ? '*' : name
    gauge('zone_queue', 'Changes that wait for servers of the zone', waiting, { direction, zone })
    for (const { name: server, state } of servers) {
      const labels = { direction, zone, server }
      const isDown = state === 'away' ? 1 : 0
      gauge('server_away', 'Whether the server does not answer', isDown, labels)
      gauge('blocked', 'Whether the server refuses the zone', state === 'refuses' ? 1 : 0, labels)
    }
  }
  for (const [key, help] of Object.entries(COUNTS))
    list.add(`whio_ddns_${key}_total`, help, 'counter', {}, counts[key as keyof NamesCounts])
}
