// In some worlds names of clients are registered in DNS, by a chance of its own: clients have
// names, some one that another client has or that is somebody else's, and some speak both families.

import type { Octets } from '../../lib/bytes/octets.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { DNS_CLASS, RR_TYPE } from '../../lib/ddns/codes.ts'
import { dhcidOf, duidIdentifier } from '../../lib/ddns/dhcid.ts'
import type { DnsRecord } from '../../lib/ddns/message.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { LabClientSettings, LabSettings } from '../../lib/lab/lab.ts'
import type { LabClient6Settings } from '../../lib/lab/lab-clients6.ts'
import { VirtualDns } from '../../lib/lab/virtual-dns.ts'
import type { ConflictMode } from '../../lib/names/rules.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { hardwareOf } from './documents.ts'
import { ddnsOf } from './names-stage.ts'
import type { Around } from './plans.ts'
import type { Six } from './six.ts'

/** In how many worlds. */
const NAMED_CHANCE = 0.25

const MODES: readonly ConflictMode[] = [
  ...Array<ConflictMode>(6).fill('check-with-dhcid'),
  'check-exists-with-dhcid',
  'no-check-with-dhcid',
  'no-check-without-dhcid',
]

const FORWARD_ZONES = ['lan']
const REVERSE_ZONES = ['2.0.192.in-addr.arpa', '10.in-addr.arpa', '8.b.d.0.1.0.0.2.ip6.arpa']
const ANY_ZONE = ['*']

const SUFFIXES = ['lan', 'here.lan']

const TXT = 16

/** Names that stand in DNS and are nobody's: without a DHCID, and with one of another machine. */
export const STATIC_NAME = 'static'
export const OTHERS_NAME = 'others'

type Ports = LabSettings['ports'] & object

/** What a seed decides about names. */
export interface Named {
  readonly mode: ConflictMode
  /** Around the maps of both families. */
  readonly document: Around
  /** The names of the simulated world, once a server has begun. */
  dns(): VirtualDns
  readonly ports: Ports
}

export interface NamedCast<Document extends Partial<Dhcp4Document>> {
  readonly documents: readonly Document[]
  readonly clients: readonly LabClientSettings[]
  readonly six: Six | undefined
  /** Undefined: nobody has a name. */
  readonly named: Named | undefined
}

/** `isElse`: somebody else gives clients names. */
export function namedOf<Document extends Partial<Dhcp4Document>>(
  seed: number,
  cast: Pick<NamedCast<Document>, 'documents' | 'clients' | 'six'>,
  isAlways = false,
  isElse = false,
): NamedCast<Document> {
  const draw = chance(seed, 'named')
  const isNamed = (happens(draw, NAMED_CHANCE) || isAlways) && !isElse
  if (!isNamed) return { ...cast, named: undefined }
  const mode = oneOf(draw, MODES)
  const isAnyZone = happens(draw, 0.3)
  const overrides = {
    'ddns-override-client-update': happens(draw, 0.8),
    'ddns-override-no-update': happens(draw, 0.3),
  }
  const rules = cast.documents.map(() => ({ ...rulesOf(draw, mode), ...overrides }))
  // Of DHCPv6 there may be more than of DHCPv4.
  const rulesAt = (at: number) => rules[at] ?? rules[0]
  const clients = cast.clients.map((client, at) => ({ ...client, ...nameOf(draw, at, mode) }))
  return {
    documents: cast.documents.map((document, at) => ({ ...document, ...rulesAt(at) })),
    clients,
    six: cast.six && {
      documents: cast.six.documents.map((document, at) => ({ ...document, ...rulesAt(at) })),
      clients: cast.six.clients.map((client, at) => withName6(draw, client, at, clients, mode)),
    },
    named: {
      mode,
      document: isAnyZone ? ddnsOf(ANY_ZONE, ANY_ZONE) : ddnsOf(FORWARD_ZONES, REVERSE_ZONES),
      ...dnsOf(),
    },
  }
}

/** Every plan of a world has the same mode: what a change of it leaves is told by the records. */
function rulesOf(draw: Draw, mode: ConflictMode) {
  return {
    'dhcp-ddns': { 'enable-updates': true },
    'ddns-conflict-resolution-mode': mode,
    'ddns-qualifying-suffix': `${oneOf(draw, SUFFIXES)}.`,
    'ddns-update-on-renew': happens(draw, 0.2),
    'ddns-generated-prefix': 'host',
    'ddns-replace-client-name': oneOf(draw, ['never', 'never', 'when-not-present'] as const),
  }
}

/** Where nobody looks whose a name is, the last one has it: there no two may have one. */
export function isChecked(mode: ConflictMode): boolean {
  return mode === 'check-with-dhcid'
}

function nameOf(draw: Draw, at: number, mode: ConflictMode): { readonly hostname?: string } {
  const kind = draw(100)
  if (kind < 15) return {}
  if (kind < 55) return { hostname: `pc${at}` }
  if (mode === 'check-exists-with-dhcid' && kind > 90) return { hostname: STATIC_NAME }
  if (!isChecked(mode)) return { hostname: `pc${at}` }
  if (kind < 85) return { hostname: `pc${draw(at + 1)}` }
  return { hostname: oneOf(draw, [STATIC_NAME, OTHERS_NAME]) }
}

/** Half of them are the machine of a client of DHCPv4, by the same name or another one. */
function withName6(
  draw: Draw,
  client: LabClient6Settings,
  at: number,
  clients: readonly LabClientSettings[],
  mode: ConflictMode,
): LabClient6Settings {
  const own = { ...client, hostname: `six${at}` }
  const twin = clients[at]
  if (twin === undefined || happens(draw, 0.5)) return own
  const { hwAddress = hardwareOf(at), hostname = '' } = twin
  const isOne = hostname !== '' && (happens(draw, 0.8) || !isChecked(mode))
  return { ...own, hwAddress, ...(isOne && { hostname }) }
}

/** What stands in DNS by hand, and must stay. */
export function othersRecords(): DnsRecord[] {
  const record = (name: string, type: number, data: Octets): DnsRecord => ({
    ...{ name, type, data, dnsClass: DNS_CLASS.internet, ttl: 300 },
  })
  const address = '\xc0\x00\x02\x02'
  const stranger = duidIdentifier('\0\x03\0\x01\x0a\x0b\x0c\x0d\x0e\x0f')
  const named = SUFFIXES.flatMap((suffix) => {
    const others = `${OTHERS_NAME}.${suffix}`
    return [
      record(`${STATIC_NAME}.${suffix}`, RR_TYPE.a, address),
      record(others, RR_TYPE.a, address),
      record(others, RR_TYPE.dhcid, dhcidOf(stranger, others)!),
    ]
  })
  return [
    ...named,
    record('100.2.0.192.in-addr.arpa', TXT, '\x05by me'),
    record('100.1.0.10.in-addr.arpa', TXT, '\x05by me'),
  ]
}

/** Made by the first server that begins, in its world. */
function dnsOf(): Pick<Named, 'dns' | 'ports'> {
  let dns: VirtualDns | undefined
  return {
    dns: () => dns!,
    ports: (own, { node }) => {
      dns ??= new VirtualDns(node.world, [...FORWARD_ZONES, ...REVERSE_ZONES])
      return { ...own, resolver: dns.resolver(node) }
    },
  }
}

export function portsOfNames(named: Named | undefined): Pick<LabSettings, 'ports'> {
  return named === undefined ? {} : { ports: named.ports }
}
