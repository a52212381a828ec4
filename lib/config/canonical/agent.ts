// What the agent in front of the servers tells of itself: its own map, and which servers there are,
// by which clients of Kea find them.

import type { ConfigDocument } from '../keys/document.ts'
import { withoutSecrets } from '../keys/secrets.ts'
import type { Members } from '../text/map.ts'
import { filled } from './level.ts'
import type { Draft } from './members.ts'

/** Without passwords. */
export function agentMap(document: ConfigDocument): Draft {
  const own = (document['Control-agent'] ?? {}) as Members
  const shown = filled('controlAgent', own)
  shown['control-sockets'] = own['control-sockets'] ?? socketsOf(document)
  return withoutSecrets(shown) as Draft
}

/** As configured in the maps of the servers; the process needs none to reach itself. */
function socketsOf({ Dhcp4, Dhcp6 }: ConfigDocument): Draft {
  const sockets: Draft = {}
  for (const [name, map] of [
    ['dhcp4', Dhcp4],
    ['dhcp6', Dhcp6],
  ] as const) {
    if (map === undefined) continue
    const doors = (map as Members)['control-sockets'] as readonly Members[] | undefined
    const door = doors?.find((one) => one['socket-type'] === 'unix')
    sockets[name] = { 'socket-type': 'unix', 'socket-name': door?.['socket-name'] ?? '' }
  }
  return sockets
}
