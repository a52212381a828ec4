// BOOTP clients of a pair (libdhcp_bootp): an address for ever from either server, which neither
// gives to anybody else, and none before both know that leases may have no end (rule 9d).

import t from 'tap'
import { BROADCAST, type Ipv4 } from '../../lib/address/ipv4.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import type { Station } from '../../lib/lab/network.ts'
import {
  bytesFromPacket,
  CLIENT_PORT,
  packetFromBytes,
  SERVER_PORT,
} from '../../lib/lab/packet4.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { INFINITE_LIFETIME } from '../../lib/time/units.ts'
import {
  bind,
  both,
  HOUR,
  HOUR_MS,
  hardwareAddress,
  plansOf,
  poolOf,
  RENEWER,
  stage,
  X,
  Y,
} from './pair-stage.ts'

const BOOTP = { 'hooks-libraries': [{ library: 'libdhcp_bootp.so' }] }
const WITH = poolOf([X, Y], HOUR, BOOTP)
const WITHOUT = poolOf([X, Y], HOUR)

/** A printer with a boot ROM: what it has got so far, and how it asks. */
function printerOf(lab: PairLab, owner: 0 | 1, index = 3) {
  const link = lab.topology.links.get(1)!
  const hwAddress = octetsFromHex(hardwareAddress(owner, index))!
  const got: Ipv4[] = []
  const station: Station = {
    name: 'printer',
    hwAddress,
    holds: (address) => got.at(-1) === address,
    receive: ({ bytes }) => {
      const reply = packetFromBytes(bytes)
      if (reply?.hwAddress !== hwAddress || reply.op !== 2) return
      if (!reply.options.has(53)) got.push(reply.yiaddr)
    },
  }
  link.attach(station)
  const packet = { op: 1, hops: 0, xid: 7, secs: 0, flags: 0x8000, giaddr: 0, siaddr: 0 }
  return (secs = 0) => {
    const bytes = bytesFromPacket({
      ...packet,
      secs,
      ciaddr: 0,
      yiaddr: 0,
      hwAddress,
      options: new Map(),
    })
    got.length = 0
    lab.network.send(link, station, {
      source: 0,
      sourcePort: CLIENT_PORT,
      destination: BROADCAST,
      destinationPort: SERVER_PORT,
      hwAddress: '',
      bytes,
    })
    lab.advance(2000)
    return got
  }
}

t.test('a BOOTP client keeps its address over a crash, from either server', async (t) => {
  const lab = createPair(stage(WITH, RENEWER, RENEWER))
  t.ok(lab.reachNormal())
  lab.advance(5000)
  const ask = printerOf(lab, 0)
  const [address] = ask()
  if (address === undefined) return t.fail('no reply')
  lab.crash(0)
  lab.advance(20_000)
  t.same(ask(20), [address], 'the partner knows the lease')
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.advance(3 * HOUR_MS)
  for (const client of both(lab)) bind(lab, client)
  const rows = lab.servers.map(({ server }) => server!.tables.v4.byAddress(address))
  for (const row of rows) t.match(row, { validLifetime: INFINITE_LIFETIME })
  t.notOk(both(lab).some(({ isBound, ipv4 }) => isBound && ipv4 === address))
  t.equal(both(lab).filter(({ isBound }) => isBound).length, 1, 'of two addresses one is left')
  t.same(lab.invariants.violations, [])
})

t.test('the library in one file only: silence, until the partner has stored it', async (t) => {
  const [one, two] = plansOf(WITH)
  const lab = createPair(stage(WITHOUT, RENEWER, RENEWER))
  t.ok(lab.reachNormal())
  lab.advance(5000)
  lab.cutLink()
  lab.advance(5000)
  const ask = printerOf(lab, 0)
  t.same(ask(), [])
  lab.server(0).reload(one!)
  t.same(ask(5), [], 'the partner does not know that leases may have no end')
  const said = (id: string) => lab.server(0).log.lines.filter((line) => line.id === id)
  t.match(said('DHCP4_PACKET_DROP').at(-1)?.fields, { reason: 'lease-never-ends' })
  lab.server(1).reload(two!)
  lab.healLink()
  t.ok(lab.reachNormal())
  lab.advance(5000)
  t.equal(ask(30).length, 1)
  t.same(lab.invariants.violations, [])
})

// It asks for ever, says that it has waited long, and no server of this pair would answer it.
for (const [library, state] of [
  ['without libdhcp_bootp', 'communication-recovery'],
  ['with libdhcp_bootp', 'partner-down'],
] as const)
  t.test(`max-unacked-clients: printers ${library} while the partner is silent`, async (t) => {
    const dhcp4 = state === 'partner-down' ? WITH : WITHOUT
    const ha = { 'max-unacked-clients': 1, 'max-response-delay': 60_000 }
    const lab = createPair({ ...stage(dhcp4), plans: pairPlans(pairConfig({ dhcp4, ha })) })
    t.ok(lab.reachNormal())
    lab.cutLink()
    lab.pause(0)
    const printers = [3, 4].map((index) => printerOf(lab, 0, index))
    lab.advance(62_000)
    for (let second = 0; second < 10; second++) for (const ask of printers) ask(60 + second)
    t.equal(lab.states()[1], state)
  })
