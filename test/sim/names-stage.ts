// A server that registers names, and a DNS server of the simulated world beside it: what is there
// in the end must be what leases that run say, and nothing else.

import { compile } from '../../lib/config/compile/compile.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { createLab, type Lab, type LabSettings } from '../../lib/lab/lab.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { type DnsBehaviour, VirtualDns } from '../../lib/lab/virtual-dns.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { World } from '../../lib/lab/world.ts'
import { textFromKey } from '../../lib/leases/keys/key-text.ts'
import { isNamed } from '../../lib/server/names/wishes.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'

/** One of RFC 2317 among them. */
export const CLASSLESS = '0-127.2.0.192.in-addr.arpa'
export const ZONES = ['lan', '2.0.192.in-addr.arpa', CLASSLESS, '8.b.d.0.1.0.0.2.ip6.arpa']

const SERVERS = [{ 'ip-address': '192.0.2.53' }]
const domains = (...names: string[]) => ({
  'ddns-domains': names.map((name) => ({ name, 'dns-servers': SERVERS })),
})

/** What a file has of DNS. */
export function ddnsOf(forward: readonly string[], reverse: readonly string[]) {
  return {
    DhcpDdns: { 'forward-ddns': domains(...forward), 'reverse-ddns': domains(...reverse) },
  }
}

export const DDNS = ddnsOf(['lan.'], ['2.0.192.in-addr.arpa.', '8.b.d.0.1.0.0.2.ip6.arpa.'])

/** What a server's document has, at its top. */
export const NAMED = {
  'dhcp-ddns': { 'enable-updates': true },
  'ddns-qualifying-suffix': 'lan.',
  'ddns-override-client-update': true,
}

export function namedPlan(document: ConfigDocument): Plan {
  const { plan, problems } = compile(document, { stateDirectory: '/nowhere' })
  const errors = problems.filter((problem) => problem.severity === 'error')
  if (plan === undefined || errors.length > 0) throw new Error(errors.map(formatProblem).join('\n'))
  return plan
}

export function onePlan(more: Partial<Dhcp4Document> = {}): Plan {
  return namedPlan({
    ...DDNS,
    Dhcp4: {
      ...NAMED,
      'valid-lifetime': 600,
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          pools: [{ pool: '192.0.2.10 - 192.0.2.99' }],
          ...more.subnet4?.[0],
        },
      ],
      ...(({ subnet4: _, ...rest }) => rest)(more),
    },
  })
}

interface NamesPairSettings extends Omit<PairSettings, 'plans' | 'ports'> {
  /** Undefined: of DHCPv4 alone. */
  readonly dhcp6?: Partial<Dhcp6Document>
}

/** A pair whose both servers register names. */
export function namesPair(
  { dhcp6, ...settings }: NamesPairSettings,
  behaviour: Partial<DnsBehaviour> = {},
  ports: (own: ServerPorts) => ServerPorts = (own) => own,
): { readonly lab: PairLab; readonly dns: VirtualDns } {
  const dhcp4 = { ...NAMED, 'valid-lifetime': 600 }
  const six = dhcp6 && { dhcp6: { ...NAMED, 'valid-lifetime': 600, ...dhcp6 } }
  const plans = pairPlans({ ...pairConfig({ dhcp4, ...six }), ...DDNS })
  const held: { dns?: VirtualDns } = {}
  const lab = createPair({
    ...{ ...settings, plans },
    ports: (own, server) => {
      held.dns ??= new VirtualDns(server.node.world, ZONES, behaviour)
      return ports({ ...own, resolver: held.dns.resolver(server.node) })
    },
  })
  return { lab, dns: held.dns! }
}

export interface NamesStage {
  readonly lab: Lab
  readonly dns: VirtualDns
}

export function namesStage(
  settings: Omit<LabSettings, 'ports'>,
  behaviour: Partial<DnsBehaviour> = {},
  ports: (own: ServerPorts, server: VirtualServer) => ServerPorts = (own) => own,
): NamesStage {
  // Made before the lab's own world; only its chance is taken from there.
  const held: { dns?: VirtualDns } = {}
  const dnsOf = (server: VirtualServer) => {
    held.dns ??= new VirtualDns(server.node.world, ZONES, behaviour)
    return held.dns
  }
  const lab = createLab({
    ...settings,
    ports: (own, server) =>
      ports({ ...own, resolver: dnsOf(server).resolver(server.node) }, server),
  })
  return { lab, dns: held.dns ?? new VirtualDns(new World({ seed: 1 }), ZONES) }
}

/** What the leases of a server say should be in DNS, without DHCIDs. */
export function wantedLines(server: VirtualServer): string[] {
  const { tables } = server.server!
  const lines: string[] = []
  for (const table of tables.all)
    for (const row of table.walk('rows').next(1 << 20)) {
      if (!isNamed(row)) continue
      const name = row.hostname.toLowerCase()
      const address = textFromKey(row.address)
      if (row.fqdnFwd) lines.push(`${name} ${address}`)
      if (row.fqdnRev) lines.push(`${address} ${name}`)
    }
  return [...new Set(lines)].sort()
}

/** The same of DNS. */
export function dnsLines(dns: VirtualDns): string[] {
  return dns.lines.flatMap((line) => lineOf(line) ?? []).sort()
}

function lineOf(line: string): string | undefined {
  const [name = '', type = '', data = ''] = line.split(' ')
  if (type === 'A') return `${name} ${data}`
  if (type === 'AAAA') return `${name} ${address6(data)}`
  if (type !== 'PTR') return undefined
  const labels = name.split('.').reverse().slice(2)
  const address = name.endsWith('in-addr.arpa') ? labels.join('.') : address6(labels.join(''))
  return `${address} ${data}`
}

function address6(hex: string): string {
  const octets = Buffer.from(hex, 'hex').toString('latin1')
  return textFromKey(`\x80${octets}`)
}

/** Methods of an object of a class, which spreading leaves behind. */
export function bound<T extends object>(one: T): T {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter(
    (name) => name !== 'constructor',
  )
  const copy: Record<string, unknown> = { ...(one as object) }
  for (const name of methods) {
    const method = (one as unknown as Record<string, unknown>)[name]
    copy[name] = typeof method === 'function' ? method.bind(one) : method
  }
  return copy as T
}
