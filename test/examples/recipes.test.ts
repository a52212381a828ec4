// The recipes among the examples: a client of each kind gets what the file promises to it, seen
// from the client's side of the wire.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { parseConfig } from '../../lib/config/check.ts'
import { loadPlan } from '../../lib/config/load.ts'
import { UNCHECKED } from '../../lib/dhcp4/checked.ts'
import { createLab } from '../../lib/lab/lab.ts'
import type { MessageFields4 } from '../../lib/wire/v4/builder.ts'
import {
  ACK,
  client,
  DISCOVER,
  hex,
  ip,
  kindOf,
  type Options,
  REQUEST,
  type Reply,
  TestServer,
  uint16,
  uint32,
} from '../dhcp4/test-server.ts'

/** A message without option 53. */
const BOOTP = 0

/** What PXE firmware asks for: among much else 43, 60, 66 and 67. */
const PXE_ASKS = hex('0102030405060c0d0f111216172b363c424381828384858687')

t.test('netboot.json: firmware of each kind is told its boot file', async (t) => {
  const server = serverOf('netboot.json', '10.20.0.1')
  const rows: [string, number | undefined, string, string, string][] = [
    ['PXEClient:Arch:00000:UNDI:002001', 0, 'BIOS', 'undionly.kpxe', '10.20.0.2'],
    ['PXEClient', undefined, 'BIOS of old, without option 93', 'undionly.kpxe', '10.20.0.2'],
    ['PXEClient:Arch:00007:UNDI:003016', 7, 'UEFI', 'ipxe.efi', '10.20.0.2'],
    ['PXEClient:Arch:00009:UNDI:003016', 9, 'UEFI by its other number', 'ipxe.efi', '10.20.0.2'],
    ['PXEClient:Arch:00011:UNDI:003016', 11, 'UEFI on ARM', 'ipxe-arm64.efi', '10.20.0.2'],
    [
      'HTTPClient:Arch:00016:UNDI:003001',
      16,
      'UEFI over HTTP',
      'http://10.20.0.2/ipxe.efi',
      '0.0.0.0',
    ],
    ['MSFT 5.0', undefined, 'an installed system', '', '0.0.0.0'],
  ]
  for (const [index, [vendor, architecture, kind, file, next]] of rows.entries()) {
    const offer = server.discover(client(index + 1), firmware(vendor, architecture))
    t.equal(offer.message.bootFile(), file, kind)
    t.equal(textFromIpv4(offer.message.siaddr), next, kind)
    const isHttp = kind === 'UEFI over HTTP'
    t.equal(offer.message.octets(60), isHttp ? 'HTTPClient' : undefined, `${kind}: option 60`)
  }
})

t.test('netboot.json: iPXE goes on, whatever loaded it', async (t) => {
  const server = serverOf('netboot.json', '10.20.0.1')
  const script = 'http://10.20.0.2/boot.ipxe'
  for (const [vendor, architecture] of [
    ['PXEClient:Arch:00000:UNDI:002001', 0],
    ['PXEClient:Arch:00007:UNDI:003010', 7],
    ['HTTPClient:Arch:00016:UNDI:003010', 16],
  ] as const) {
    const said = firmware(vendor, architecture)
    const first = server.discover(client(architecture + 1), said)
    t.not(first.message.bootFile(), script, 'the firmware loads iPXE')
    for (const userClass of ['iPXE', '\x04iPXE']) {
      const then = server.discover(client(architecture + 1), { ...said, 77: userClass })
      t.equal(then.message.bootFile(), script, `${vendor}: and iPXE its script`)
      t.equal(then.address, first.address, 'at the same address')
    }
  }
})

t.test('netboot.json: UEFI HTTP boot finds HTTPClient in option 60 unasked', async (t) => {
  const server = serverOf('netboot.json', '10.20.0.1')
  const said = { 60: 'HTTPClient:Arch:00016:UNDI:003001', 93: uint16(16), 55: hex('0103') }
  t.equal(server.discover(client(1), said).message.octets(60), 'HTTPClient')
})

t.test('netboot.json: one address, whatever option 61 says (match-client-id)', async (t) => {
  const server = serverOf('netboot.json', '10.20.0.1')
  const asFirmware = leased(server, client(1), { 61: hex(`00${'11'.repeat(16)}`) })
  const asSystem = leased(server, client(1), { 61: hex('ff0000000100030001') })
  t.equal(asFirmware.address, asSystem.address)
})

t.test('netboot.json: the Raspberry Pi finds its name in a boot menu', async (t) => {
  const server = serverOf('netboot.json', '10.20.0.1')
  const pi: MessageFields4 = { hwAddress: hex('dca632000001'), xid: 7 }
  const offer = server.discover(pi, {
    60: 'PXEClient:Arch:00000:UNDI:002001',
    93: uint16(0),
    55: hex('012b3c'),
  })
  const menu = `${hex('0914000011')}Raspberry Pi Boot`
  const options = offer.message.octets(43) ?? ''
  t.ok(options.includes(menu), 'type 0, the length, the name')
  t.ok(options.includes(hex('060103')), 'discovery control')
  t.equal(offer.message.octets(60), 'PXEClient')
  t.equal(offer.message.octets(66), '10.20.0.2')
  t.equal(textFromIpv4(offer.message.siaddr), '10.20.0.2')
  t.notOk(
    server.discover(client(1), firmware('PXEClient:Arch:00000:UNDI:002001', 0)).message.has(43),
    'and nobody else does',
  )
})

t.test('phones.json: each maker its options, phones and computers their pools', async (t) => {
  const server = serverOf('phones.json', '10.30.0.1')
  const asks = hex('0103060f2a2b4296')
  const rows: [string, Record<number, Octets | undefined>][] = [
    [
      'Cisco Systems, Inc. IP Phone CP-8841',
      { 150: hex('0a1e00080a1e0009'), 66: '10.30.0.8', 43: undefined },
    ],
    ['yealink', { 66: 'https://phones.example.net/', 150: undefined }],
    ['snom-d785', { 66: 'https://phones.example.net/', 150: undefined }],
    [
      'AASTRAIPPHONE6867i',
      { 43: `${hex('0220')}https://phones.example.net/mitel${hex('030100')}`, 66: undefined },
    ],
    ['OptiIpPhone', { 43: `${hex('02040000001e0317')}https://10.30.0.7:18443`, 66: undefined }],
  ]
  for (const [index, [vendor, expected]] of rows.entries()) {
    const offer = server.discover(client(index + 1), { 60: vendor, 55: asks })
    for (const [code, value] of Object.entries(expected)) {
      t.equal(offer.message.octets(Number(code)), value, `${vendor}: option ${code}`)
    }
    t.match(offer.address, /^10\.30\.1\./, `${vendor}: pool`)
    t.equal(offer.message.octets(42), hex('0a1e0001'), `${vendor}: the time`)
  }
  const computer = server.discover(client(99), { 60: 'MSFT 5.0', 55: asks })
  t.match(computer.address, /^10\.30\.0\./)
  for (const code of [42, 43, 66, 150]) t.notOk(computer.message.has(code), `option ${code}`)
})

t.test('bootp.json: BOOTP and DHCP share a link and no pool', async (t) => {
  const server = serverOf('bootp.json', '10.60.0.1')
  const asked = (from: MessageFields4) => {
    const { message, address } = server.reply(BOOTP, from)
    return { address, file: message.bootFile(), next: textFromIpv4(message.siaddr) }
  }
  const image = { file: 'terminal.img', next: '10.60.0.2' }
  t.strictSame(asked(client(1)), { address: '10.60.0.240', ...image })
  const plotter = { hwAddress: hex('00005e0053b1'), xid: 8 }
  t.strictSame(asked(plotter), { ...image, address: '10.60.0.21', file: 'plotter.img' })
  const modern = leased(server, client(2), {})
  t.equal(modern.address, '10.60.0.50')
  t.equal(modern.message.bootFile(), '')
  server.advance(365 * 86_400)
  t.equal(asked(client(3)).address, '10.60.0.241', 'a year later the first still has its address')
})

t.test('switch-ports.json: the address belongs to the port', async (t) => {
  const server = serverOf('switch-ports.json', '192.0.2.1')
  const at = (circuit: Octets, remote = 'switch-1'): Options => ({
    82: sub(1, circuit) + sub(2, remote),
  })
  t.equal(leased(server, relayed(1), at('Gi1/0/1')).address, '10.40.0.11')
  t.equal(leased(server, relayed(2), at('Gi1/0/2')).address, '10.40.0.12')
  t.equal(leased(server, relayed(3), at(hex('0004000a0103'))).address, '10.40.0.13')
  const gauge: MessageFields4 = { hwAddress: hex('00005e005309'), xid: 9, giaddr: ip('10.40.0.1') }
  t.equal(
    leased(server, gauge, at('Gi1/0/7')).address,
    '10.40.0.99',
    'by its own address elsewhere',
  )

  const swapped = relayed(4)
  t.equal(
    kindOf(server.send(DISCOVER, swapped, at('Gi1/0/1'))),
    'no-pool',
    'the former lease lives',
  )
  server.advance(200)
  t.equal(
    leased(server, swapped, at('Gi1/0/1')).address,
    '10.40.0.11',
    'the next machine at the port',
  )

  const renewed = server.renew({ ...swapped, giaddr: 0 }, '10.40.0.11')
  t.equal(kindOf(renewed), 'ack', 'past the relay, which then says nothing')
  t.equal(kindOf(server.send(DISCOVER, relayed(5), at('Gi1/0/8'))), 'no-pool')
  t.equal(leased(server, relayed(5), at('Gi1/0/8', 'switch-2')).address, '10.40.0.200')
})

t.test('lab-segment.json: who is at home, who is a guest, and who is not served', async (t) => {
  const server = serverOf('lab-segment.json', '10.50.0.1')
  server.checked = { ...UNCHECKED, isWaived: true }
  const asks: Options = { 55: hex('0103060f33') }
  const home = (last: string): MessageFields4 => ({ hwAddress: hex(`00005e0053${last}`), xid: 1 })
  const rows: [MessageFields4, string, number, string | undefined][] = [
    [home('a1'), '10.50.0.21', 14400, undefined],
    [home('a2'), '10.50.0.50', 14400, undefined],
    [client(1), '10.50.0.100', 600, 'guest.lab.example.net'],
  ]
  for (const [from, address, lifetime, domain] of rows) {
    const ack = leased(server, from, asks)
    t.equal(ack.address, address)
    t.equal(ack.message.uint(51), lifetime, address)
    t.equal(ack.message.octets(15), domain, address)
  }
  t.equal(server.send(DISCOVER, client(2), { 60: 'testbench 4' }), 'dropped-by-class')
})

t.test('lab-segment.json: an address that somebody set by hand is offered to nobody', async (t) => {
  const lab = createLab({ plan: planOf('lab-segment.json'), clients: 3 })
  lab.addHost({ address: '10.50.0.100' })
  lab.settle()
  const addresses = lab.clients.map(({ address }) => address).sort()
  t.strictSame(addresses, ['10.50.0.101', '10.50.0.102', '10.50.0.103'])
  t.strictSame(lab.invariants.violations, [])
})

function textOf(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../examples', name), 'utf8')
}

/** The server of the example, on a link where it has this address. */
function serverOf(name: string, address: string): TestServer {
  const { document, problems } = parseConfig(textOf(name), name, noInclude)
  if (problems.some(({ severity }) => severity === 'error')) throw new Error(name)
  const server = new TestServer(document!.Dhcp4!)
  const link = { name: 'eth0', addresses: [{ address: ip(address), length: 24 }] }
  server.arrival = { ...server.arrival, link }
  return server
}

/** DISCOVER, OFFER, REQUEST, ACK; the ACK. */
function leased(server: TestServer, from: MessageFields4, options: Options): Reply {
  const offer = server.discover(from, options)
  const chosen = { 50: uint32(ip(offer.address)), 54: offer.message.octets(54)! }
  const ack = server.reply(REQUEST, from, { ...options, ...chosen })
  if (ack.type !== ACK) throw new Error('no lease')
  return ack
}

function planOf(name: string) {
  const { plan } = loadPlan(textOf(name), name, noInclude, { stateDirectory: '/var/lib/whio' })
  if (plan === undefined) throw new Error(name)
  return plan
}

function noInclude(): never {
  throw new Error('an example includes nothing')
}

/** What firmware says of itself. */
function firmware(vendor: string, architecture: number | undefined): Options {
  const ask = { 60: vendor, 55: PXE_ASKS }
  return architecture === undefined ? ask : { ...ask, 93: uint16(architecture) }
}

function relayed(number: number): MessageFields4 {
  return client(number, { giaddr: ip('10.40.0.1') })
}

function sub(code: number, value: Octets): Octets {
  return String.fromCharCode(code, value.length) + value
}
