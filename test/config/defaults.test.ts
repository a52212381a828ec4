// What is not said: to leave a key out is to say the default that the key table gives, for each row
// that works and has one; and to say something else is another plan.

import { inspect } from 'node:util'
import t from 'tap'
import { edited, type Step } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { KEYS } from '../../lib/config/keys/keys.ts'
import type { JsonSchema } from '../../lib/config/keys/row.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'

const HA_PATH: readonly Step[] = [
  'Dhcp4',
  'hooks-libraries',
  0,
  'parameters',
  'high-availability',
  0,
]

/** Of a socket for commands. */
const PROVEN = {
  ...{ 'trust-anchor': 'ca', 'cert-file': 'cert', 'key-file': 'key' },
  authentication: { type: 'basic', clients: [{ user: 'ops' }] },
}

/** A map of each level that has defaults, none of whose keys says more than it must. */
const HARDLY = {
  Dhcp4: {
    'interfaces-config': {},
    'lease-database': { type: 'memfile' },
    'dhcp-ddns': {},
    'hosts-databases': [{ type: 'postgresql' }],
    'config-control': { 'config-databases': [{ type: 'postgresql' }] },
    'expired-leases-processing': {},
    compatibility: {},
    loggers: [{ name: 'kea-dhcp4', 'output-options': [{ output: '/log/kea.log' }] }],
    'control-sockets': [{ 'socket-type': 'http', ...PROVEN }],
    'option-def': [{ name: 'own', code: 224, type: 'uint8' }],
    reservations: [{ 'hw-address': '02:00:5e:10:00:02' }],
    'client-classes': [{ name: 'phones' }],
    'shared-networks': [
      {
        name: 'n',
        relay: {},
        subnet4: [
          {
            id: 1,
            subnet: '192.0.2.0/24',
            pools: [{ pool: '192.0.2.0/24' }],
            reservations: [{ 'hw-address': '02:00:5e:10:00:01', 'ip-address': '192.0.2.7' }],
          },
        ],
      },
    ],
    subnet4: [
      {
        id: 2,
        subnet: '198.51.100.0/23',
        pools: [{ pool: '198.51.100.0/24' }],
        'option-data': [{ name: 'domain-name', data: 'example' }],
        reservations: [
          { 'hw-address': '02:00:5e:10:00:01', 'ip-address': '198.51.100.7' },
          { 'hw-address': '02:00:5e:10:00:03', 'ip-address': '198.51.100.7' },
        ],
      },
    ],
    'hooks-libraries': [
      {
        library: 'libdhcp_ha.so',
        parameters: {
          'high-availability': [
            {
              mode: 'load-balancing',
              'this-server-name': 'a',
              peers: [
                { name: 'a', url: 'http://127.0.0.1:1/', role: 'primary' },
                { name: 'b', url: 'http://127.0.0.1:2/', role: 'secondary' },
              ],
              'state-machine': { states: [{ state: 'ready' }] },
            },
          ],
        },
      },
      { library: 'whio-hook-a' },
    ],
  },
  Dhcp6: {
    'interfaces-config': {},
    compatibility: {},
    'control-sockets': [{ 'socket-type': 'http', ...PROVEN, 'socket-port': 9000 }],
    'server-id': { type: 'LLT' },
    'option-def': [{ name: 'own', code: 1024, type: 'uint8' }],
    reservations: [{ duid: '00:03:00:01:02:00:5e:10:00:02' }],
    'client-classes': [{ name: 'phones' }],
    'shared-networks': [
      {
        name: 'n',
        relay: {},
        subnet6: [
          {
            id: 1,
            subnet: '2001:db8:1::/64',
            pools: [{ pool: '2001:db8:1::/112' }],
            reservations: [
              { duid: '00:03:00:01:02:00:5e:10:00:01', 'ip-addresses': ['2001:db8:1::7'] },
            ],
          },
        ],
      },
    ],
    subnet6: [
      {
        id: 2,
        subnet: '2001:db8:2::/64',
        pools: [{ pool: '2001:db8:2::/112' }],
        'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }],
        'option-data': [{ name: 'dns-servers', data: '2001:db8::53' }],
        reservations: [
          { duid: '00:03:00:01:02:00:5e:10:00:01', 'ip-addresses': ['2001:db8:2::7'] },
          { duid: '00:03:00:01:02:00:5e:10:00:03', 'ip-addresses': ['2001:db8:2::7'] },
        ],
      },
    ],
  },
  DhcpDdns: {
    'control-sockets': [{ 'socket-type': 'http', ...PROVEN, 'socket-port': 9001 }],
    'forward-ddns': {
      'ddns-domains': [{ name: 'example.', 'dns-servers': [{ 'ip-address': '192.0.2.53' }] }],
    },
    'tsig-keys': [{ name: 'k', algorithm: 'HMAC-SHA256', secret: 'c2VjcmV0' }],
  },
  'Control-agent': { ...PROVEN, 'http-host': '::1', 'control-sockets': { dhcp4: {} } },
  Whio: {
    ha: {},
    'lease-history': {},
    hosts: {},
    roles: [{ name: 'help-desk' }],
    webhooks: [{ url: 'http://192.0.2.9/', events: ['conflict'] }],
    // Then places say whose names are registered.
    ddns: { sinks: [{ type: 'hosts-file', file: '/run/whio/hosts' }] },
  },
} as unknown as ConfigDocument

const SUBNET6: readonly Step[] = ['Dhcp6', 'subnet6', { id: 2 }]
const NETWORK6: readonly Step[] = ['Dhcp6', 'shared-networks', { name: 'n' }]

const SUBNET: readonly Step[] = ['Dhcp4', 'subnet4', { id: 2 }]
const NETWORK: readonly Step[] = ['Dhcp4', 'shared-networks', { name: 'n' }]

const PLACES: Readonly<Record<string, readonly Step[]>> = {
  global: ['Dhcp4'],
  network: NETWORK,
  subnet: SUBNET,
  pool: [...SUBNET, 'pools', 0],
  relay: [...NETWORK, 'relay'],
  reservation: [...SUBNET, 'reservations', 0],
  optionData: [...SUBNET, 'option-data', 0],
  optionDef: ['Dhcp4', 'option-def', 0],
  class: ['Dhcp4', 'client-classes', 0],
  interfaces: ['Dhcp4', 'interfaces-config'],
  leaseDatabase: ['Dhcp4', 'lease-database'],
  configControl: ['Dhcp4', 'config-control'],
  expiry: ['Dhcp4', 'expired-leases-processing'],
  logger: ['Dhcp4', 'loggers', 0],
  outputOption: ['Dhcp4', 'loggers', 0, 'output-options', 0],
  hook: ['Dhcp4', 'hooks-libraries', 1],
  compatibility: ['Dhcp4', 'compatibility'],
  ha: HA_PATH,
  haPeer: [...HA_PATH, 'peers', 0],
  haStateMachine: [...HA_PATH, 'state-machine'],
  haState: [...HA_PATH, 'state-machine', 'states', 0],
  global6: ['Dhcp6'],
  network6: NETWORK6,
  subnet6: SUBNET6,
  pool6: [...SUBNET6, 'pools', 0],
  pdPool6: [...SUBNET6, 'pd-pools', 0],
  relay6: [...NETWORK6, 'relay'],
  reservation6: [...SUBNET6, 'reservations', 0],
  optionData6: [...SUBNET6, 'option-data', 0],
  optionDef6: ['Dhcp6', 'option-def', 0],
  class6: ['Dhcp6', 'client-classes', 0],
  interfaces6: ['Dhcp6', 'interfaces-config'],
  compatibility6: ['Dhcp6', 'compatibility'],
  serverId: ['Dhcp6', 'server-id'],
  controlSocket: ['Dhcp4', 'control-sockets', 0],
  authentication: ['Dhcp4', 'control-sockets', 0, 'authentication'],
  controlSocket6: ['Dhcp6', 'control-sockets', 0],
  authentication6: ['Dhcp6', 'control-sockets', 0, 'authentication'],
  dhcpDdns: ['Dhcp4', 'dhcp-ddns'],
  ddns: ['DhcpDdns'],
  ddnsZones: ['DhcpDdns', 'forward-ddns'],
  ddnsDomain: ['DhcpDdns', 'forward-ddns', 'ddns-domains', 0],
  ddnsServer: ['DhcpDdns', 'forward-ddns', 'ddns-domains', 0, 'dns-servers', 0],
  tsigKey: ['DhcpDdns', 'tsig-keys', 0],
  whioDdns: ['Whio', 'ddns'],
  controlSocketD2: ['DhcpDdns', 'control-sockets', 0],
  authenticationD2: ['DhcpDdns', 'control-sockets', 0, 'authentication'],
  controlAgent: ['Control-agent'],
  authenticationAgent: ['Control-agent', 'authentication'],
  role: ['Whio', 'roles', 0],
  webhook: ['Whio', 'webhooks', 0],
  whio: ['Whio'],
  whioHistory: ['Whio', 'lease-history'],
  whioHa: ['Whio', 'ha'],
  whioHosts: ['Whio', 'hosts'],
}

/** Everything that can be seen of the plan; undefined where nothing is served. */
function seenOf(document: unknown): string | undefined {
  const { plan } = loadPlanFromObject(document, { stateDirectory: '/nowhere' })
  return plan && inspect([plan, reservationsOf(plan)], { depth: null, maxArrayLength: null })
}

function reservationsOf(plan: Plan): unknown[] {
  return [...reservationsOf4(plan), ...reservationsOf6(plan)]
}

function reservationsOf6({ dhcp6 }: Plan): unknown[] {
  const { reservations, subnets } = dhcp6!
  const clients = [1, 2, 3].map((last) => ({
    knownBy: (kind: string) =>
      kind === 'duid' ? `\x00\x03\x00\x01\x02\x00\x5e\x10\x00${String.fromCharCode(last)}` : '',
  }))
  return subnets.flatMap((subnet) => clients.map((client) => reservations.of(client, subnet)))
}

function reservationsOf4({ dhcp4 }: Plan): unknown[] {
  const clients = [1, 2, 3].map((last) => ({
    htype: 1,
    hwAddress: `\x02\x00\x5e\x10\x00${String.fromCharCode(last)}`,
    clientId: '',
  }))
  const { reservations, subnets } = dhcp4!
  return subnets.flatMap((subnet) =>
    clients.map((client) => reservations.of(knownAs(client), subnet)),
  )
}

/** Lists and maps have no other value that makes sense everywhere. */
function otherThan(value: unknown, { enum: words, format }: JsonSchema): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return Number.isInteger(value) ? value + 1 : value + 0.01
  if (typeof value !== 'string') return undefined
  if (format === 'ipv4') return '192.0.2.1'
  return words?.find((word) => word !== value) ?? 'vendor-1'
}

const rows = Object.entries(KEYS).flatMap(([level, { keys }]) =>
  Object.entries(keys)
    .filter(([, { support, schema }]) => support === 'works' && schema.default !== undefined)
    .map(([key, { schema }]) => ({ level, key, schema })),
)

t.test('what is left out is the default of the key table', async (t) => {
  t.ok(rows.length > 80)
  const leftOut = seenOf(HARDLY)
  t.ok(leftOut, 'it is served')
  for (const { level, key, schema } of rows) {
    const place = PLACES[level]
    if (place === undefined) {
      t.fail(`where does a map of the level ${level} stand?`)
      continue
    }
    const saying = (value: unknown) => seenOf(edited(HARDLY, [...place, key], value))
    // A list that the document needs cannot be left out.
    if (!hasMember(place, key))
      t.equal(saying(schema.default), leftOut, `${level}.${key}: ${JSON.stringify(schema.default)}`)
    const other = otherThan(schema.default, schema)
    if (other !== undefined)
      t.not(saying(other), leftOut, `${level}.${key}: ${JSON.stringify(other)} is something else`)
  }
})

function hasMember(place: readonly Step[], key: string): boolean {
  return 'Dhcp4' in edited(HARDLY, [...place, key], undefined)
}
