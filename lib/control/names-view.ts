// Names in DNS as programs are told of them: the whole of it, and names one by one.

import { textFromKey } from '../leases/keys/key-text.ts'
import type { SinkStatus } from '../ports/name-sinks.ts'
import type {
  NameOfAddress,
  NameServerStatus,
  NamesStatus,
  NameZoneStatus,
} from '../server/names/names-status.ts'

/** In the words of Kea's answers: with hyphens. */
export function shownNames(status: NamesStatus): object {
  const { addresses, conflicts, counts, inFlight, oldest, owed, owedByPartner, via } = status
  return {
    ...{ via, addresses, owed, 'owed-by-partner': owedByPartner, 'oldest-seconds': oldest },
    ...{ conflicts, 'in-flight': inFlight },
    zones: status.zones.map(shownZone),
    counts: { ...counts },
    sinks: status.sinks.map(shownSink),
  }
}

function shownSink({ away, place, trouble, waiting }: SinkStatus): object {
  return { place, waiting, ...(trouble === '' ? {} : { seconds: away, why: trouble }) }
}

function shownZone({ direction, name, servers, waiting }: NameZoneStatus): object {
  return {
    direction,
    zone: name === '' ? '*' : `${name}.`,
    waiting,
    servers: servers.map(shownServer),
  }
}

function shownServer({ name, seconds, state, why }: NameServerStatus): object {
  return { server: name, state, ...(state === 'well' ? {} : { seconds, why }) }
}

export function shownName(one: NameOfAddress): object {
  const { by, forward, fqdn, key, reverse, seconds, state, why } = one
  return {
    ...{ 'ip-address': textFromKey(key), name: `${fqdn}.`, state, forward, reverse, by, seconds },
    ...(why === '' ? {} : { why }),
  }
}
