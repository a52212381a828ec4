// Lines that others can cause are limited, and what they leave standing is true.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import type { LogFields } from '../../lib/ports/log.ts'
import { Counters6 } from '../../lib/server/counters6.ts'
import { Outcomes6 } from '../../lib/server/outcomes6.ts'
import { Reporter } from '../../lib/server/reporter.ts'
import { Reporter4 } from '../../lib/server/reporter4.ts'
import { Reporter6 } from '../../lib/server/reporter6.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'
import {
  clientId,
  type Hop,
  INFORMATION,
  iaNa,
  ip6,
  messageBytes,
  oro,
  SOLICIT,
} from '../dhcp6/messages6.ts'
import { documentWith, TestServer6 } from '../dhcp6/test-server6.ts'

function reporting() {
  const lines: { id: string; fields: LogFields }[] = []
  const log = {
    enabled: () => true,
    write: (_level: string, id: string, _text: string, fields: LogFields) =>
      void lines.push({ id, fields }),
  }
  return { lines, reporter: new Reporter(log, () => false) }
}

t.test('a pair that flaps: the last line about its state is the state that it is in', async (t) => {
  const { lines, reporter } = reporting()
  const enter = (to: string, now: number) => reporter.ofPeer('HA_STATE_TRANSITION', { to }, now)
  for (let now = 0; now < 30; now++) enter(now % 2 === 0 ? 'partner-down' : 'load-balancing', now)
  t.equal(lines.at(-1)!.fields.to, 'load-balancing')
  enter('partner-down', 31)
  enter('ready', 32)
  reporter.closeWindows(20_000)
  t.match(lines.at(-2), { id: 'HA_MORE', fields: { suppressed: 22 } })
  t.match(lines.at(-1), { id: 'HA_STATE_TRANSITION', fields: { to: 'ready' } })
  enter('load-balancing', 20_001)
  reporter.closeWindows(40_000)
  t.equal(lines.at(-1)!.fields.to, 'load-balancing', 'nothing is told twice')
})

t.test(
  'a reply of DHCPv6 that goes in fragments is told once an hour of each interface',
  async (t) => {
    const { lines, reporter } = reporting()
    const reporter6 = new Reporter6(reporter)
    const answered = (domains: number, link: string, now: number) => {
      const names = Array.from({ length: domains }, (_, index) => `${'x'.repeat(57)}.d${index}`)
      const server = new TestServer6(
        documentWith({ 'option-data': [{ name: 'domain-search', data: names.join(',') }] }),
      )
      const hops: Hop[] = [{ link: '2001:db8:1::2' }]
      server.reply(INFORMATION, [clientId(), oro(24)], hops, { address: ip6('2001:db8::9') })
      const { outcome } = server
      if (outcome.kind === 'reply') reporter6.replied(outcome, server.engine.trace.query, link, now)
      return lines.filter(({ id }) => id === 'DHCP6_REPLY_LONG')
    }
    t.same(answered(5, 'eth0', 0), [])
    t.match(answered(30, 'eth0', 1), [{ fields: { interface: 'eth0' } }])
    t.ok(Number(lines.at(-1)?.fields.bytes ?? lines.at(-2)?.fields.bytes) > 1232)
    t.equal(answered(30, 'eth0', 2).length, 1)
    t.equal(answered(30, 'eth1', 3).length, 2)
    t.equal(answered(30, 'eth0', 3_700_000).length, 3)
  },
)

t.test('a relay that does not name the link of its clients is told of once an hour', async (t) => {
  const { lines, reporter } = reporting()
  const duties = { tell: () => {}, tables: new LeaseTables(1), pair: undefined }
  const outcomes = new Outcomes6(
    new Counters6(() => new TestServer6().plan),
    new Reporter6(reporter),
    duties,
  )
  const answered = (hop: Hop, relay: string, now: number) => {
    const server = new TestServer6()
    const options = [clientId(), iaNa(1)]
    server.reply(SOLICIT, options, [hop], { address: ip6(relay) })
    const bytes = messageBytes(SOLICIT, options, [hop])
    const message = new Message6()
    decode6(message, bytes, 0, bytes.length)
    const { outcome } = server
    if (outcome.kind === 'reply') outcomes.answered(outcome, message, server.engine.trace, now)
    return lines.filter(({ id }) => id === 'DHCP6_RELAY_NAMES_NOTHING').length
  }
  t.equal(answered({ link: '2001:db8:1::2' }, '2001:db8::9', 0), 0)
  t.equal(answered({}, '2001:db8::9', 1), 1)
  t.equal(answered({}, '2001:db8::9', 2), 1)
  t.equal(answered({}, '2001:db8::8', 3), 2)
})

t.test('a declined address that is reserved: its client gets another one meanwhile', async (t) => {
  const { lines, reporter } = reporting()
  const reservation = { duid: '00:03:00:01:02:00:5e:10:00:01', 'ip-addresses': ['2001:db8:1::10'] }
  const server6 = new TestServer6(documentWith({ reservations: [reservation] }))
  for (const address of ['2001:db8:1::10', '2001:db8:1::11']) {
    server6.give(address, 1)
    new Reporter6(reporter).lease('declined', server6.row(address)!, server6.plan)
  }
  const reserved = { 'hw-address': '02:00:5e:10:00:01', 'ip-address': '192.0.2.10' }
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', reservations: [reserved] }]
  const plan4 = loadPlanFromObject({ Dhcp4: { subnet4 } }, { stateDirectory: undefined }).plan!
    .dhcp4!
  const nobody = { htype: 0, hwAddress: '', clientId: '', state: LEASE_STATE.declined, subnetId: 1 }
  for (const address of ['192.0.2.10', '192.0.2.11'])
    new Reporter4(reporter).lease(
      'declined',
      { ...freeRow(ipv4FromText(address)!), ...nobody },
      plan4,
    )
  t.same(
    lines.map(({ id, fields }) => [id, fields.reserved]),
    [
      ['DHCP6_DECLINE', true],
      ['DHCP6_DECLINE', undefined],
      ['DHCP4_DECLINE', true],
      ['DHCP4_DECLINE', undefined],
    ],
  )
})
