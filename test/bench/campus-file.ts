// A campus in the words of Kea 2.2: 200 shared networks of ten subnets, 60 classes of clients,
// 20,000 reservations, options at every level; who lives there; and the trivial file that serves
// the same clients.

import type { Octets } from '../../lib/bytes/octets.ts'
import type { OptionPair4 } from '../../lib/wire/v4/builder.ts'

const NETWORKS = 200
const SUBNETS_EACH = 10
export const SUBNETS = NETWORKS * SUBNETS_EACH
const RESERVED_EACH = 10
export const RESERVED = SUBNETS * RESERVED_EACH

/** Clients that come again and again: 30 a subnet, of whom the first ten have a reservation. */
export const CLIENTS = SUBNETS * 30

const MODELS = 20
const VENDORS = 10
const BUILDINGS = 10

// ---- who lives there

/** The first three octets of subnet `subnet`: 10.16.0 to 10.23.207. */
function prefixOf(subnet: number): readonly [number, number, number] {
  return [10, 16 + (subnet >> 8), subnet & 255]
}

function text(octets: readonly number[]): string {
  return octets.join('.')
}

export interface CampusClient {
  readonly hwAddress: Octets
  /** The relay of its subnet, as a number. */
  readonly giaddr: number
  readonly options: readonly OptionPair4[]
}

/** Request lists as phones, computers and boot ROMs have them. */
const PHONE = '\x01\x03\x06\x0f\x2a\x42\x96'
const COMPUTER = '\x01\x03\x06\x0f\x1f\x21\x2b\x2c\x2e\x2f\x77\x79\xf9\xfc'
const ROM = '\x01\x02\x03\x04\x05\x06\x0b\x0c\x0d\x0f\x10\x11\x12\x2b\x36\x3c\x43\x80\x81\x82'
const OTHERS = '\x01\x1c\x02\x03\x0f\x06\x77\x0c\x2c\x2f\x1a\x79\x2a'

export function campusClient(client: number): CampusClient {
  const subnet = client % SUBNETS
  const [a, b, c] = prefixOf(subnet)
  const hwAddress = hwAddressOf(client)
  const port = `b${subnet % BUILDINGS}-sw${subnet % 97}:port${client % 48}`
  const agent = String.fromCharCode(1, port.length) + port
  return {
    hwAddress,
    giaddr: a * 2 ** 24 + b * 2 ** 16 + c * 256 + 1,
    options: [...whatItIs(client), [61, `\x01${hwAddress}`], [82, agent]],
  }
}

function hwAddressOf(client: number): Octets {
  const vendor = 0xa0 + (client % VENDORS)
  return String.fromCharCode(2, 0xca, vendor, client >> 16, (client >> 8) & 255, client & 255)
}

/** Of 20 clients nine are computers, six phones, two boot, one prints; two say little. */
function whatItIs(client: number): OptionPair4[] {
  const kind = Math.floor(client / SUBNETS + client) % 20
  const model = client % MODELS
  if (kind < 6)
    return [
      [60, `Phone-${model}.7`],
      [55, PHONE],
    ]
  if (kind < 15)
    return [
      [60, 'MSFT 5.0'],
      [12, `pc-${client}`],
      [55, COMPUTER],
    ]
  if (kind < 17)
    return [
      [60, 'PXEClient:Arch:00007:UNDI:003016'],
      [93, '\0\x07'],
      [55, ROM],
    ]
  if (kind < 18)
    return [
      [60, 'Printer Laser 4'],
      [12, `printer-${client}`],
      [55, OTHERS],
    ]
  return [[55, OTHERS]]
}

// ---- the file

interface Named {
  readonly name: string
  readonly test: string
  readonly 'only-if-required'?: true
  readonly [key: string]: unknown
}

const option = (name: string, data: string, more: object = {}) => ({ name, data, ...more })

function numbered(count: number, make: (index: number) => Named): Named[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function anyOf(names: readonly string[]): string {
  return names.map((name) => `member('${name}')`).join(' or ')
}

/** Sixty, as sites write them. */
export function campusClasses(): Named[] {
  const phones = numbered(MODELS, (model) => {
    const needle = `Phone-${model}.`
    return {
      name: `phone-${model}`,
      test: `substring(option[60].hex,0,${needle.length}) == '${needle}'`,
      'option-data': [option('tftp-server-name', `phones-${model}.example.org`)],
    }
  })
  const vendors = numbered(VENDORS, (vendor) => ({
    name: `vendor-${vendor}`,
    test: `substring(pkt4.mac,0,3) == 0x02caa${vendor}`,
    'option-data': [option('time-servers', `10.0.1.${vendor}`)],
  }))
  const buildings = numbered(BUILDINGS, (building) => ({
    name: `building-${building}`,
    test: `substring(relay4[1].hex,0,3) == 'b${building}-'`,
    'option-data': [option('ntp-servers', `10.0.2.${building}, 10.0.2.250`)],
  }))
  const boot: Named[] = [
    {
      name: 'ipxe',
      test: "option[175].exists or substring(option[77].hex,0,4) == 'iPXE'",
      'boot-file-name': 'http://boot.example.org/menu.ipxe',
    },
    {
      name: 'http-boot',
      test: "not member('ipxe') and substring(option[60].hex,0,10) == 'HTTPClient'",
      'boot-file-name': 'http://boot.example.org/shim.efi',
      'option-data': [option('vendor-class-identifier', 'HTTPClient', { 'always-send': true })],
    },
    {
      name: 'efi64',
      test: "not member('ipxe') and (option[93].hex == 0x0007 or option[93].hex == 0x0009)",
      'next-server': '10.0.3.1',
      'boot-file-name': 'ipxe.efi',
    },
    {
      name: 'arm64',
      test: "not member('ipxe') and option[93].hex == 0x000b",
      'next-server': '10.0.3.1',
      'boot-file-name': 'ipxe-arm64.efi',
    },
    {
      name: 'bios',
      test: "not member('ipxe') and option[93].hex == 0x0000",
      'next-server': '10.0.3.1',
      'boot-file-name': 'undionly.kpxe',
    },
  ]
  const unions: Named[] = [
    { name: 'voice', test: anyOf(phones.map(({ name }) => name)) },
    { name: 'data', test: "not member('voice')" },
    { name: 'netboot', test: anyOf(boot.map(({ name }) => name)) },
    {
      name: 'windows',
      test: "substring(option[60].hex,0,8) == 'MSFT 5.0'",
      'option-data': [option('netbios-node-type', '2')],
    },
    {
      name: 'printers',
      test: "substring(option[60].hex,0,7) == 'Printer'",
      'option-data': [option('lpr-servers', '10.0.4.1')],
    },
    { name: 'cameras', test: "substring(option[60].hex,0,6) == 'Camera'" },
    { name: 'arch-named', test: "split(option[60].hex,':',2) == 'Arch'" },
    {
      name: 'banned',
      test: Array.from({ length: 20 }, (_, n) => `pkt4.mac == 0x02cbad0000${10 + n}`).join(' or '),
    },
    { name: 'DROP', test: "member('banned')" },
  ]
  const known: Named[] = [
    {
      name: 'staff',
      test: "member('KNOWN') and member('data')",
      'option-data': [option('domain-search', 'staff.example.org, example.org')],
    },
    { name: 'guests', test: "member('UNKNOWN') and member('data')" },
    { name: 'own-phones', test: "member('KNOWN') and member('voice')" },
  ]
  const late: Named[] = [
    {
      name: 'late-printers',
      test: "member('printers')",
      'only-if-required': true,
      'option-data': [option('log-servers', '10.0.5.1')],
    },
    {
      name: 'late-netboot',
      test: "member('netboot')",
      'only-if-required': true,
      'option-data': [option('boot-size', '600')],
    },
    {
      name: 'late-staff',
      test: "member('staff')",
      'only-if-required': true,
      'option-data': [option('domain-name', 'staff.example.org')],
    },
  ]
  return [...phones, ...vendors, ...buildings, ...boot, ...unions, ...known, ...late]
}

function campusSubnet(subnet: number): object {
  const prefix = text(prefixOf(subnet))
  return {
    id: subnet + 1,
    subnet: `${prefix}.0/24`,
    pools: [
      {
        pool: `${prefix}.20 - ${prefix}.99`,
        'client-class': 'voice',
        'option-data': [option('log-servers', '10.0.6.1')],
      },
      {
        pool: `${prefix}.100 - ${prefix}.254`,
        'client-class': 'data',
        'require-client-classes': ['late-printers'],
      },
    ],
    'require-client-classes': ['late-netboot', 'late-staff'],
    'option-data': [option('routers', `${prefix}.1`), option('broadcast-address', `${prefix}.255`)],
    reservations: Array.from({ length: RESERVED_EACH }, (_, number) =>
      campusReservation(subnet, number),
    ),
  }
}

function campusReservation(subnet: number, number: number): object {
  const client = number * SUBNETS + subnet
  const hex = Buffer.from(hwAddressOf(client), 'latin1').toString('hex')
  return {
    'hw-address': hex.match(/../g)!.join(':'),
    'ip-address': `${text(prefixOf(subnet))}.${2 + number}`,
    hostname: `host-${client}`,
    ...(number === 0 ? { 'option-data': [option('log-servers', `10.0.7.${subnet & 255}`)] } : {}),
  }
}

/** With the first `count` of its shared networks. */
export function campusDocument(count = NETWORKS): object {
  const networks = Array.from({ length: count }, (_, network) => ({
    name: `building-${network % BUILDINGS}-floor-${network}`,
    'option-data': [option('domain-name', `floor-${network}.example.org`)],
    subnet4: Array.from({ length: SUBNETS_EACH }, (_, index) =>
      campusSubnet(network * SUBNETS_EACH + index),
    ),
  }))
  return {
    'valid-lifetime': 3600,
    'host-reservation-identifiers': ['hw-address'],
    'client-classes': campusClasses(),
    'option-data': [
      option('domain-name-servers', '10.0.0.4, 10.0.0.5'),
      option('domain-name', 'example.org'),
      option('ntp-servers', '10.0.0.6'),
    ],
    'shared-networks': networks,
  }
}

/** One subnet with one pool for all of them. */
export function trivialDocument(): object {
  return {
    'valid-lifetime': 3600,
    subnet4: [
      {
        id: 1,
        subnet: '10.0.0.0/8',
        pools: [{ pool: '10.32.0.0 - 10.80.255.255' }],
        'option-data': [
          option('routers', '10.0.0.3'),
          option('domain-name-servers', '10.0.0.4, 10.0.0.5'),
        ],
      },
    ],
  }
}
