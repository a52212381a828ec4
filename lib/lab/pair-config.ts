// Configurations of pairs: a small one to begin with, and from any one the plan of each of its
// servers.

import type { WhioDocument } from '../config/keys/common-document.ts'
import type { ConfigDocument } from '../config/keys/document.ts'
import type { Dhcp4Document } from '../config/keys/document4.ts'
import type { Dhcp6Document } from '../config/keys/document6.ts'
import type { HaDocument, HaPeerDocument } from '../config/keys/ha-document.ts'
import { loadPlanFromObject } from '../config/load.ts'
import type { HaMode, HaRole } from '../config/plan/ha-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { formatProblem } from '../config/text/problem.ts'

export interface PairConfigSettings {
  /** Default load-balancing. */
  readonly mode?: HaMode
  /** Whether there is a backup server, server3. Default false; passive-backup always has one. */
  readonly backup?: boolean
  /** How the servers prove themselves to each other. Default: not at all. */
  readonly protection?: 'none' | 'password' | 'certificates'
  /** More keys of the `high-availability` map, or others. */
  readonly ha?: Partial<HaDocument>
  /** More keys of Dhcp4, or others. */
  readonly dhcp4?: Partial<Dhcp4Document>
  /** Serves DHCPv6, too. */
  readonly dhcp6?: Partial<Dhcp6Document>
  readonly whio?: WhioDocument
}

const ROLES: Readonly<Record<HaMode, readonly HaRole[]>> = {
  'load-balancing': ['primary', 'secondary'],
  'hot-standby': ['primary', 'standby'],
  'passive-backup': ['primary'],
}

const PASSWORD = { 'basic-auth-user': 'pair', 'basic-auth-password': 'a secret' }

/** Nobody looks into them in the lab: a certificate names the server that shows it. */
const FILES = {
  'trust-anchor': '/nowhere/ca.crt',
  'cert-file': '/nowhere/server.crt',
  'key-file': '/nowhere/server.key',
}

/**
 * 192.0.2.0/24 with a pool of ninety addresses, served by server1 and server2 (and server3, a
 * backup).
 */
export function pairConfig(settings: PairConfigSettings = {}): ConfigDocument {
  const { mode = 'load-balancing', backup = false, protection = 'none' } = settings
  const { ha, dhcp4, dhcp6, whio } = settings
  const roles = [...ROLES[mode]]
  if (backup || mode === 'passive-backup') roles.push('backup')
  const password = protection === 'password' ? PASSWORD : {}
  const own = roles.map((role, index) => peerOf(role, index + 1))
  const peers = (ha?.peers ?? own).map((peer) => ({ ...password, ...peer }))
  const files = protection === 'certificates' ? FILES : {}
  const parameters = { 'high-availability': [{ mode, ...files, ...ha, peers }] }
  const library = { library: 'libdhcp_ha.so', parameters }
  return {
    Dhcp4: {
      'valid-lifetime': 600,
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }],
      ...dhcp4,
      'hooks-libraries': [...(dhcp4?.['hooks-libraries'] ?? []), library],
    },
    ...(dhcp6 === undefined ? {} : { Dhcp6: { ...dhcp6, 'hooks-libraries': [library] } }),
    ...(whio === undefined ? {} : { Whio: whio }),
  }
}

function peerOf(role: HaRole, number: number): HaPeerDocument {
  return { name: `server${number}`, url: `http://192.0.2.${number}:8000/`, role }
}

/**
 * The plan of each server that the configuration names, in its order; as if the file were on all of
 * their hosts. Throws where it has errors, or names no servers.
 */
export function pairPlans(config: object): Plan[] {
  const names = serverNames(config as ConfigDocument)
  if (names.length === 0) throw new Error('the configuration names no servers of a pair')
  return names.map((thisServer) => {
    const context = { stateDirectory: '/nowhere', thisServer }
    const { plan, problems } = loadPlanFromObject(config, context)
    // A slip in a test, where nothing was written for Kea.
    const errors = problems.filter(
      ({ severity, code }) => severity === 'error' || code === 'unknown-key',
    )
    if (plan === undefined || errors.length > 0)
      throw new Error(errors.map(formatProblem).join('\n'))
    return plan
  })
}

function serverNames({ Dhcp4 }: ConfigDocument): string[] {
  for (const { parameters } of Dhcp4?.['hooks-libraries'] ?? [])
    for (const { peers } of parameters?.['high-availability'] ?? [])
      return peers.map(({ name }) => name)
  return []
}
