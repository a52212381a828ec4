// A pair in one line, for people.

import type { HaPlan } from '../plan/ha-plan.ts'

/** `load-balancing as server1 (primary), partner server2 at http://192.0.2.2:8000/, ...` */
export function describeHa(ha: HaPlan): string {
  const { thisServer, partner, peers } = ha
  const backups = peers.filter((peer) => peer.role === 'backup' && peer !== thisServer)
  const parts = [
    `${ha.mode} as ${thisServer.name} (${thisServer.role}) at ${thisServer.url.text}`,
    ...(partner === undefined ? [] : [`partner ${partner.name} at ${partner.url.text}`]),
    ...backups.map(({ name, url }) => `backup ${name} at ${url.text}`),
    `heartbeat ${ha.heartbeatDelay} ms`,
    `silent after ${ha.maxResponseDelay} ms${unackedPart(ha)}`,
    ha.whenSilent === 'safe' ? 'safe when silent' : 'available when silent',
  ]
  return parts.join(', ')
}

function unackedPart({ maxUnackedClients, maxAckDelay }: HaPlan): string {
  if (maxUnackedClients === 0) return ''
  return ` and more than ${maxUnackedClients} clients unserved for ${maxAckDelay} ms`
}
