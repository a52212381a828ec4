// Documents with the HA block of Kea for tests, and what is said of them.

import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { ClassSet, HA_CLASSES } from '../../lib/classify/class-set.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'
import type { HaPlan } from '../../lib/config/plan/ha-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Subnet4 } from '../../lib/config/plan/plan4.ts'
import { formatProblem, type Problem } from '../../lib/config/text/problem.ts'

export type Members = Record<string, unknown>

export const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n'

const FILES: Readonly<Record<string, FileLook>> = {
  '/tls/ca.pem': { kind: 'file', text: CERTIFICATE },
  '/tls/cas': { kind: 'folder' },
  '/tls/cert.pem': { kind: 'file', text: CERTIFICATE },
  '/tls/key.pem': { kind: 'file', text: KEY },
  '/tls/rsa.pem': { kind: 'file', text: KEY.replaceAll('PRIVATE', 'RSA PRIVATE') },
  '/tls/locked.pem': { kind: 'file', text: KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE') },
  '/tls/user': { kind: 'file', text: 'kea\r\nnot this\n' },
  '/tls/password': { kind: 'file', text: 's:e cret\n' },
}

function look(path: string): FileLook {
  return FILES[path] ?? { kind: 'trouble', trouble: 'no such file' }
}

export const CONTEXT: CompileContext = {
  stateDirectory: '/nowhere',
  look,
  localAddresses: ['192.0.2.1'],
}
export const TLS = {
  'trust-anchor': '/tls/ca.pem',
  'cert-file': '/tls/cert.pem',
  'key-file': '/tls/key.pem',
}
const SECOND = { 'load-balancing': 'secondary', 'hot-standby': 'standby' } as const

export function peer(number: number, role: string, more: Members = {}): Members {
  return { name: `server${number}`, url: `http://192.0.2.${number}:8000/`, role, ...more }
}

/** Two servers, guarded by a password so that nothing needs to be said. */
export function peers(mode: keyof typeof SECOND = 'load-balancing'): Members[] {
  const auth = { 'basic-auth-user': 'u', 'basic-auth-password': 'p' }
  return [peer(1, 'primary', auth), peer(2, SECOND[mode], auth)]
}

export function relationship(members: Members = {}): Members {
  return { mode: 'load-balancing', peers: peers(), ...members }
}

export function hooks(...relationships: Members[]): Members {
  const parameters = { 'high-availability': relationships }
  return { 'hooks-libraries': [{ library: '/usr/lib/kea/hooks/libdhcp_ha.so', parameters }] }
}

interface Loaded {
  readonly plan: Plan | undefined
  readonly problems: readonly Problem[]
}

/** The servers of `ha` with these members of Dhcp4 beside them. */
export function load(ha: Members, global: Members = {}, context = CONTEXT, whio?: Members): Loaded {
  const served = { 'interfaces-config': { interfaces: ['*'] } }
  const document = { Dhcp4: { ...served, ...hooks(ha), ...global } }
  return loadPlanFromObject(whio === undefined ? document : { ...document, Whio: whio }, context)
}

/**
 * `severity path: message (hint)`; paths in the relationship begin with `ha`, in Dhcp4 without it.
 */
export function lines({ problems }: Loaded): string[] {
  return problems.map((problem) =>
    `${problem.severity} ${formatProblem(problem)}`
      .replace('Dhcp4.hooks-libraries[0].parameters.high-availability[0]', 'ha')
      .replace('Dhcp4.', ''),
  )
}

export function planOf(loaded: Loaded): Plan {
  if (loaded.plan === undefined) throw new Error(lines(loaded).join('\n'))
  return loaded.plan
}

export function haOf(members: Members = {}, context = CONTEXT, whio?: Members): HaPlan {
  return planOf(load(relationship(members), {}, context, whio)).ha!
}

export const ip = (text: string): number => ipv4FromText(text)!

/** The classes of the clients of one server of the pair. */
export function clientsOf(owner: number): ClassSet {
  return new ClassSet(HA_CLASSES).add(owner)
}

export function textOfRanges(subnet: Subnet4, owner: number): string {
  return subnet
    .rangesFor(clientsOf(owner))
    .map(({ first, last }) => `${textFromIpv4(first)}-${textFromIpv4(last)}`)
    .join(' ')
}

export const SUBNET = { id: 1, subnet: '192.0.2.0/24' }
