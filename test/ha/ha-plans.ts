// Plans of small pairs for tests.

import type { HaMode, HaPeer, HaPlan, HaRole } from '../../lib/config/plan/ha-plan.ts'

const ROLES: Record<HaMode, readonly HaRole[]> = {
  'load-balancing': ['primary', 'secondary', 'backup'],
  'hot-standby': ['primary', 'standby', 'backup'],
  'passive-backup': ['primary', 'backup'],
}

/** The plan of the server with this role; peers are called server1, server2, server3 in order. */
export function haPlan(mode: HaMode, role: HaRole, more: Partial<HaPlan> = {}): HaPlan {
  const peers = ROLES[mode].map((each, index) => haPeer(`server${index + 1}`, each))
  const thisServer = peers.find((peer) => peer.role === role)!
  const isActive = role !== 'backup' && mode !== 'passive-backup'
  const partner = isActive ? peers.slice(0, 2).find((peer) => peer !== thisServer) : undefined
  return {
    mode,
    thisServer,
    partner,
    peers,
    sharesDatabase: false,
    sendLeaseUpdates: true,
    syncLeases: true,
    syncPageLimit: 1000,
    delayedUpdatesLimit: mode === 'load-balancing' ? 100 : 0,
    heartbeatDelay: 500,
    maxResponseDelay: 3000,
    maxAckDelay: 2000,
    maxUnackedClients: 0,
    waitBackupAck: false,
    requireClientCerts: true,
    checksCertificateNames: true,
    pauses: new Map(),
    whenSilent: 'safe',
    sharesEdits: true,
    reserve: 0.2,
    ...more,
  }
}

export function haPeer(name: string, role: HaRole, more: Partial<HaPeer> = {}): HaPeer {
  const url = { text: 'http://192.0.2.1:8000/', host: '192.0.2.1', port: 8000, secure: false }
  return { name, role, url, autoFailover: true, basicAuth: undefined, tls: undefined, ...more }
}

/** The plan of a server that does not take its partner's clients by itself. */
export function withoutFailover(plan: HaPlan): HaPlan {
  return { ...plan, thisServer: { ...plan.thisServer, autoFailover: false } }
}
