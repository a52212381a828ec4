// DHCPv6 in the one loop: when what leaves, what is durable before that, what is counted, and whom
// clients know the server as.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { DUID, ETH6, NA, planWith6, SmallWorld6 } from './small-world6.ts'

const { solicit, request, renew, informationRequest } = MESSAGE_TYPE6
const ip = (text: string) => ipv6FromText(text)!

t.test('all that a message changes is durable before its reply leaves', async (t) => {
  const world = new SmallWorld6()
  world.ask(solicit, 1)
  world.endBatch()
  const both = '2001:db8:1::10 2001:db8:8000::/56'
  t.same(world.happenings, [`send ADVERTISE ${both}`], 'an ADVERTISE touches no disk')
  world.ask(request, 1, DUID)
  world.endBatch()
  t.same(world.happenings.slice(1), ['commit 2'], 'both leases in one batch')
  world.committed()
  t.same(world.happenings.slice(2), [`send REPLY ${both}`])
  t.match(world.events.filter(({ kind }) => kind === 'lease').length, 2, 'both are told of')
  t.match(world.log.filter((id) => id === 'DHCP6_LEASE_ALLOC').length, 2)
  t.equal(world.statistic('pkt6-reply-sent'), 1)
  t.equal(world.statistic('pkt6-solicit-received'), 1)
  t.equal(world.server.status().leases, 2)
  const [served] = JSON.parse(JSON.stringify(world.server.status().interfaces))
  t.match(served, { name: 'eth0', family: 6, addresses: ['fe80::1'] }, 'as people write them')
  t.match(world.server.status().subnets, [
    {
      family: 6,
      addresses: 16,
      prefixes: 256,
      assigned: 1,
      assignedPrefixes: 1,
      isExhausted: false,
    },
  ])
})

t.test('while the journal does not store, nothing is answered', async (t) => {
  const world = new SmallWorld6()
  world.ask(request, 1, DUID)
  world.endBatch()
  world.journalSink!.onFailed('disk full')
  world.ask(solicit, 2)
  world.endBatch()
  t.same(world.happenings, ['commit 2'])
  t.equal(world.statistic('pkt6-drop-journal-failed'), 2)
  t.ok(world.log.includes('DHCP6_REPLY_DROP'))
  world.advance(1500)
  world.committed()
  world.ask(request, 1, DUID)
  world.endBatch()
  world.committed()
  t.equal(world.happenings.at(-1), 'send REPLY 2001:db8:1::10 2001:db8:8000::/56')
})

t.test('addresses of this host are given to nobody', async (t) => {
  const world = new SmallWorld6()
  world.sink!.onAddresses([ip('fe80::1'), ip('2001:db8:1::10'), ip('2001:db8:1::11')])
  world.ask(solicit, 1, '', [NA])
  world.endBatch()
  t.same(world.happenings, ['send ADVERTISE 2001:db8:1::12'])
})

t.test('a reply that waited too long for the disk is lost', async (t) => {
  const world = new SmallWorld6()
  world.ask(request, 1, DUID)
  world.endBatch()
  world.advance(6000)
  world.committed()
  t.same(world.happenings, ['commit 2'])
  t.equal(world.statistic('pkt6-drop-reply-too-late'), 1)
})

t.test('RFC9915 §16: what clients send to one address is not answered', async (t) => {
  const world = new SmallWorld6()
  world.arrive(solicit, 1, [NA], ip('2001:db8:1::1'))
  world.endBatch()
  t.same(world.happenings, [])
  t.equal(world.statistic('pkt6-rfc-violation'), 1)
  t.equal(world.statistic('pkt6-receive-drop'), 1)
})

t.test('what cannot be read costs a counter', async (t) => {
  const world = new SmallWorld6()
  for (const octets of ['', '\x01', '\x0c\0', '\x01\0\0\x01\0\x01\0\xff']) {
    const bytes = bytesFromOctets(octets)
    world.sink!.onDatagram(ETH6, bytes, 0, bytes.length, ip('fe80::9'), 546, ip('ff02::1:2'))
  }
  world.sink!.onOversized(ETH6, ip('fe80::9'))
  world.endBatch()
  t.same(world.happenings, [])
  t.equal(world.statistic('pkt6-received'), 5)
  t.equal(world.statistic('pkt6-parse-failed'), 5)
})

t.test('server-id is changed: the former DUID counts until its leases are over', async (t) => {
  const world = new SmallWorld6()
  world.ask(request, 1, DUID)
  world.endBatch()
  world.committed()
  world.duid = `${DUID}new`
  world.server.reload(planWith6())
  t.ok(world.log.includes('DHCP6_SERVER_ID_CHANGED'))
  const answered = (server: string) => {
    const before = world.happenings.length
    world.ask(renew, 1, server)
    world.endBatch()
    world.pass(10)
    return world.happenings.slice(before).some((one) => one.startsWith('send REPLY 2001'))
  }
  t.ok(answered(DUID), 'a RENEW under the name that the client knows')
  world.pass(590_000)
  t.ok(answered(DUID))
  t.ok(answered(`${DUID}new`))
  world.pass(12_000)
  t.notOk(answered(DUID), 'and then no more')
  t.ok(answered(`${DUID}new`))
})

t.test('INFORMATION-REQUEST is answered, and nothing is stored', async (t) => {
  const world = new SmallWorld6()
  world.arrive(informationRequest, 1, [])
  world.endBatch()
  t.same(world.happenings, ['send REPLY'])
})
