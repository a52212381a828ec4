// The loop and the order in which it carries things out: journal, then client.

import t from 'tap'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { PARKED_MAX } from '../../lib/server/delivery.ts'
import { LINES_MAX } from '../../lib/server/line-limit.ts'
import { REPLY_AGE_MAX } from '../../lib/server/replies.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { ETH0, LEASE_STATE, leaseOf, planWith, SmallWorld } from './small-world.ts'

t.test('serves only when the journal has been read', async (t) => {
  const world = new SmallWorld()
  world.server.start()
  t.equal(world.sink, undefined, 'no socket is open before')
  world.journalSink!.onReady({ stamp: 0, change: 0, setAside: 2, database: 'd', pair: undefined })
  t.ok(world.sink)
  t.equal(world.server.state, 'serving')
  t.match(world.log.find(({ id }) => id === 'JOURNAL_ROWS_SET_ASIDE')?.fields, { rows: 2 })
  t.notOk(world.log.some(({ id }) => id === 'HA_DATABASE_LOST'))
})

t.test('tells that the host crashed under a durability below full', async (t) => {
  const world = new SmallWorld()
  world.server.start()
  const info = { stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined }
  world.journalSink!.onReady({ ...info, lostUnder: 'normal' })
  const line = world.log.find(({ id }) => id === 'HA_DATABASE_LOST')
  t.match(line, { level: 'error', fields: { durability: 'normal' } })
})

t.test('an OFFER leaves at the end of its batch and touches no disk', async (t) => {
  const world = SmallWorld.serving()
  world.arrive(1, 1)
  t.notMatch(world.happenings, [/send/])
  world.endBatch()
  t.same(world.happenings, ['serving', 'send OFFER 1'])
})

t.test(
  'a message whose last option runs past its end is counted, and refused where asked',
  async (t) => {
    for (const parsing of ['usual', 'strict'] as const) {
      const plan = planWith()
      const compatibility = { ...plan.dhcp4!.compatibility, optionParsing: parsing }
      const dhcp4 = { ...plan.dhcp4!, compatibility }
      const world = SmallWorld.serving({ ...plan, dhcp4 })
      const bytes = encodeMessage4({ hwAddress: '\x02\0\0\0\0\x01' }, [[53, '\x01']])
      bytes.set([60, 200], bytes.lastIndexOf(255))
      world.sink!.onDatagram(ETH0, bytes, 0, bytes.length, 0, 68, 0)
      world.endBatch()
      t.equal(world.last, parsing === 'usual' ? 'send OFFER 0' : 'drop bad-option')
      t.equal(world.server.status().statistics['pkt4-option-cut'], 1)
    }
  },
)

t.test('an ACK leaves only when its lease is durable, and the event is told then', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  t.same(world.happenings, ['serving', 'commit 1'])
  world.committed()
  t.same(world.happenings, ['serving', 'commit 1', 'send ACK 1', 'event granted'])
  t.match(leaseOf(world.commits[0]?.changes[0]), { address: 0xc0000214, validLifetime: 600 })
})

t.test('one batch is at the journal at a time; what comes meanwhile goes together', async (t) => {
  const world = SmallWorld.serving()
  for (const number of [1, 2, 3, 4]) {
    world.request(number, 20 + number)
    world.endBatch()
  }
  t.same(world.happenings.slice(1), ['commit 1'])
  world.committed()
  t.same(world.happenings.slice(2), ['send ACK 1', 'event granted', 'commit 3'])
  world.committed()
  t.same(world.happenings.slice(5, 8), ['send ACK 2', 'send ACK 3', 'send ACK 4'])
})

t.test(
  'a lone change goes at once; under load batches are paced unless they are large',
  async (t) => {
    const world = SmallWorld.serving()
    world.advance(100)
    world.request(1, 20)
    world.sink!.onBatchEnd()
    t.equal(world.commits.length, 1, 'at once')
    world.journalSink!.onCommitted()
    world.request(2, 21)
    world.sink!.onBatchEnd()
    t.equal(world.commits.length, 1, 'so soon after the last one it waits for company')
    world.advance(5)
    t.equal(world.commits.length, 2)
    world.journalSink!.onCommitted()
    for (let count = 0; count < 256; count++) world.request(3, 22)
    world.sink!.onBatchEnd()
    t.equal(world.commits.length, 3, 'many changes do not wait')
  },
)

t.test('OFFERs do not wait while a batch is at the journal', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  world.arrive(1, 2)
  world.endBatch()
  t.equal(world.last, 'send OFFER 2')
  world.committed()
  t.ok(world.happenings.includes('send ACK 1'), 'and its bytes are still those of the ACK')
})

t.test('BOOTP is answered when its lease is durable, and told as what it is', async (t) => {
  const library = { 'hooks-libraries': [{ library: 'libdhcp_bootp.so' }] }
  const world = SmallWorld.serving(planWith({}, library))
  world.arrive(0, 1)
  world.endBatch()
  t.match(world.last, 'commit 1')
  world.committed()
  t.match(world.happenings.join(), /send/)
  t.match(world.server.status().statistics, { 'bootp-replies': 1, 'pkt4-unknown-received': 1 })
  t.ok(world.log.some(({ id, level }) => id === 'DHCP4_BOOTP_REPLY' && level === 'info'))
  const granted = world.log.find(({ id }) => id === 'DHCP4_LEASE_ALLOC')
  t.match(granted?.fields, { lifetime: 'infinite' })
})

t.test('a second REQUEST of the holder is a renewal', async (t) => {
  const world = SmallWorld.serving()
  for (const action of ['granted', 'renewed']) {
    world.request(1, 20)
    world.endBatch()
    world.committed()
    t.equal(world.last, `event ${action}`)
  }
})

t.test('a failing journal: nothing is answered, nothing is lost, and it heals', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  world.request(2, 21)
  world.endBatch()
  world.journalSink!.onFailed('disk full')
  t.equal(world.server.state, 'failed')
  t.equal(world.server.status().journalTrouble, 'disk full')
  world.arrive(1, 3)
  world.request(4, 22)
  world.endBatch()
  t.notMatch(world.happenings.join(' '), 'send', 'no ACK, and no OFFER that could not be kept')
  t.equal(world.commits.length, 1, 'it is not tried again at once')
  world.advance(1000)
  t.equal(world.commits.length, 2)
  t.same(
    world.commits[1]?.changes.map((change) => leaseOf(change).address & 255),
    [20, 21],
    'both leases are still to be stored, in their order',
  )
  world.committed()
  t.equal(world.server.state, 'serving')
  t.notMatch(world.happenings.join(' '), 'send ACK', 'clients have repeated their messages by now')
  t.equal(world.server.status().statistics['pkt4-drop-journal-failed'], 4)
  world.arrive(1, 3)
  world.endBatch()
  t.equal(world.last, 'send OFFER 3')
})

t.test('a failing journal is tried again and again', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  for (let round = 0; round < 5; round++) {
    world.journalSink!.onFailed('disk full')
    world.advance(1000)
  }
  t.equal(world.commits.length, 6)
  const failures = world.log.filter(({ id }) => id === 'JOURNAL_FAILED')
  t.equal(failures.length, 1, 'and told once')
})

t.test('a reply that waited too long does not leave, its lease stays', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  world.advance(REPLY_AGE_MAX + 1)
  world.committed()
  t.notMatch(world.happenings.join(' '), 'send ACK')
  t.equal(world.server.status().statistics['pkt4-drop-reply-too-late'], 1)
  t.equal(world.server.tables.v4.byAddress(0xc0000214)?.state, LEASE_STATE.assigned)
})

t.test('the number of replies that wait for the disk is bounded', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  for (let count = 1; count <= PARKED_MAX; count++) world.request(1, 20)
  world.endBatch()
  t.equal(world.server.status().parked, PARKED_MAX)
  t.equal(world.last, 'drop overload')
  world.committed()
  world.committed()
  t.equal(world.server.status().parked, 0)
})

t.test('an orderly stop lets what is under way leave', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.request(2, 21)
  world.endBatch()
  world.request(3, 22)
  let isDone = false
  world.server.stop(() => {
    isDone = true
  })
  world.arrive(1, 4)
  world.endBatch()
  t.equal(isDone, false)
  world.committed()
  t.equal(isDone, false, 'the third lease is at the journal now')
  world.committed()
  t.equal(isDone, true)
  t.same(
    world.happenings.filter((text) => !text.startsWith('event')),
    [
      ...['serving', 'commit 2', 'stopping', 'drop stopping'],
      ...['send ACK 1', 'send ACK 2', 'commit 1', 'send ACK 3'],
      ...['sockets closed', 'journal closed', 'stopped'],
    ],
  )
})

t.test('a stop does not wait for company', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  world.journalSink!.onCommitted()
  world.request(2, 21)
  world.sink!.onBatchEnd()
  world.server.stop(() => {})
  t.equal(world.commits.length, 2)
  world.journalSink!.onCommitted()
  t.equal(world.last, 'stopped')
})

t.test('everybody who asks for a stop is told of the end', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  const told: number[] = []
  for (const number of [1, 2]) world.server.stop(() => told.push(number))
  world.committed()
  world.server.stop(() => told.push(3))
  t.same(told, [1, 2, 3])
})

t.test('a journal that cannot be read ends the server, and tells who waits', async (t) => {
  const world = new SmallWorld()
  world.server.start()
  world.journalSink!.onFailed('input/output error')
  t.equal(world.server.state, 'stopped')
  t.equal(world.log.at(-2)?.id, 'JOURNAL_UNREADABLE')
})

t.test('an oversized datagram is a drop like any other', async (t) => {
  const world = SmallWorld.serving()
  world.arrive(1, 1)
  world.sink!.onOversized(ETH0, 9)
  t.equal(world.last, 'drop too-long')
  const line = world.log.find(({ id }) => id === 'DHCP4_PACKET_DROP')
  t.match(line?.fields, { reason: 'too-long', hwAddress: '', xid: '0x00000000', relay: undefined })
})

t.test('a stop while the journal fails ends all the same', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  world.journalSink!.onFailed('disk full')
  let isDone = false
  world.server.stop(() => {
    isDone = true
  })
  t.equal(isDone, true)
})

t.test('an error in the engine costs one message', async (t) => {
  const plan = planWith()
  const subnetByInterface = () => {
    throw new Error('as if there were a fault')
  }
  const dhcp4 = { ...plan.dhcp4!, subnetByInterface }
  const world = SmallWorld.serving({ ...plan, dhcp4 })
  world.arrive(1, 1)
  t.equal(world.last, 'drop internal')
  const line = world.log.find(({ id }) => id === 'INTERNAL_ERROR')
  t.match(line?.fields.message, /^0101060000000001/, 'the line has the message')
})

t.test('lines of dropped messages are limited, counters are exact', async (t) => {
  const world = SmallWorld.serving()
  for (let count = 0; count < 100; count++) world.sink!.onDatagram(...garbage())
  const lines = () => world.log.filter(({ id }) => id === 'DHCP4_PACKET_DROP').length
  t.equal(lines(), LINES_MAX)
  world.advance(2000)
  const more = world.log.find(({ id }) => id === 'DHCP4_PACKET_DROP_MORE')
  t.same(more?.fields, { reason: 'too-short', suppressed: 90 }, 'told although no other came')
  world.sink!.onDatagram(...garbage())
  t.equal(lines(), LINES_MAX + 1)
  t.equal(world.server.status().statistics['pkt4-drop-too-short'], 101)
})

function garbage() {
  const { addresses } = { addresses: [{ address: 1, length: 24 }] }
  return [{ name: 'eth0', index: 2, addresses }, new Uint8Array(9), 0, 9, 0, 68, 0] as const
}

t.test('an ended lease expires, is kept for a while and then removed', async (t) => {
  const world = SmallWorld.serving(planWith({}, { 'valid-lifetime': 100 }))
  world.request(1, 20)
  world.endBatch()
  world.committed()
  // Grace: 10 s and 0.5 % of the lifetime.
  advanceCommitting(world, 110_000)
  t.equal(world.server.tables.v4.byAddress(0xc0000214)?.state, LEASE_STATE.assigned)
  advanceCommitting(world, 20_000)
  t.equal(world.server.tables.v4.byAddress(0xc0000214)?.state, LEASE_STATE.expired)
  t.ok(world.happenings.includes('event expired'))
  t.equal(world.server.status().statistics['reclaimed-leases'], 1)
  advanceCommitting(world, 3_700_000)
  t.equal(world.server.tables.v4.byAddress(0xc0000214), undefined)
  t.equal(world.commits.flatMap(({ changes }) => changes).at(-1)?.kind, 'remove')
})

t.test(
  'the lease clock goes on from where it was stored, and is stored in quiet times',
  async (t) => {
    const world = SmallWorld.serving(undefined, [], 5_000_000)
    t.equal(world.server.now(), 5_000_000)
    advanceCommitting(world, 35_000)
    const stamps = world.commits.map(({ stamp }) => stamp)
    t.ok(stamps.length >= 3 && stamps.length <= 4, `${stamps}`)
    t.ok(stamps.at(-1)! >= 5_030_000)
  },
)

/** Time passes in steps, every batch becoming durable at once. */
function advanceCommitting(world: SmallWorld, ms: number): void {
  let settled = world.commits.length
  for (let passed = 0; passed < ms; passed += 5000) {
    world.advance(Math.min(5000, ms - passed))
    while (settled < world.commits.length) {
      settled++
      world.committed()
    }
  }
}

t.test('stored leases are there again, and their clients keep their addresses', async (t) => {
  const first = SmallWorld.serving()
  first.request(7, 33)
  first.endBatch()
  const writer = new ChangeWriter()
  for (const change of first.commits[0]!.changes) writer.put(change)
  const second = SmallWorld.serving(planWith(), [writer.copy()], 1000)
  second.arrive(1, 8, { 50: '\xc0\x00\x02\x21' })
  second.request(7, 33)
  second.endBatch()
  t.match(leaseOf(second.commits[0]?.changes[0]), { address: 0xc0000221 })
  second.committed()
  t.equal(second.last, 'event renewed')
})

t.test('a reload takes effect between two messages and keeps leases', async (t) => {
  const world = SmallWorld.serving()
  world.request(1, 20)
  world.endBatch()
  world.committed()
  world.server.reload(planWith({ 'valid-lifetime': 300 }))
  world.request(1, 20)
  world.endBatch()
  t.match(leaseOf(world.commits[1]?.changes[0]), { address: 0xc0000214, validLifetime: 300 })
})

t.test('the log says which address, for whom, and why', async (t) => {
  const world = SmallWorld.serving()
  const said = (id: string) =>
    world.log.filter((line) => line.id === id).map(({ fields }) => fields)
  world.arrive(1, 1)
  world.endBatch()
  t.match(said('DHCP4_LEASE_OFFER'), [{ address: /^192\.0\.2\.\d+$/, hwAddress: /:01$/ }])
  world.arrive(3, 1, { 12: 'printer', 50: '\xc0\x00\x02\x14', 54: '\xc0\x00\x02\x01' })
  world.endBatch()
  world.committed()
  const clientName = 'printer'
  t.match(said('DHCP4_LEASE_ALLOC'), [{ address: '192.0.2.20', hwAddress: /:01$/, clientName }])
  t.notOk(
    world.log.some(({ fields }) => 'hostname' in fields || 'pid' in fields || 'name' in fields),
    'what readers of logs take for the writer of a line',
  )
  world.request(2, 20)
  world.endBatch()
  const why = /^the address is in use by another client$/
  t.match(said('DHCP4_LEASE_NAK'), [{ address: '192.0.2.20', why, hwAddress: /:02$/ }])
  world.arrive(4, 1, { 50: '\xc0\x00\x02\x14', 54: '\xc0\x00\x02\x01' })
  world.endBatch()
  world.committed()
  t.match(said('DHCP4_DECLINE'), [{ address: '192.0.2.20', hwAddress: /:01$/ }])
})

t.test('the log says how long a declined address is out of use', async (t) => {
  // The rest of the lease with its grace, or the probation.
  for (const [probation, outOfUse] of [
    [60, 7236],
    [86_400, 86_400],
  ]) {
    const plan = planWith({ 'valid-lifetime': 7200 }, { 'decline-probation-period': probation })
    const world = SmallWorld.serving(plan)
    world.request(1, 20)
    world.endBatch()
    world.committed()
    world.arrive(4, 1, { 50: '\xc0\x00\x02\x14', 54: '\xc0\x00\x02\x01' })
    world.endBatch()
    world.committed()
    const line = world.log.find(({ id }) => id === 'DHCP4_DECLINE')
    t.equal(line?.fields.outOfUse, outOfUse)
    t.notOk('lifetime' in line!.fields)
  }
})

t.test('renewals are logged at info where that is wanted', async (t) => {
  for (const logsRenewals of [false, true]) {
    const world = SmallWorld.serving({ ...planWith(), logsRenewals })
    for (let round = 0; round < 2; round++) {
      world.request(1, 20)
      world.endBatch()
      world.committed()
    }
    const line = world.log.find(({ id }) => id === 'DHCP4_LEASE_RENEW')
    t.equal(line?.level, logsRenewals ? 'info' : 'debug')
  }
})

t.test('an interface that no subnet fits is served with a word', async (t) => {
  const world = SmallWorld.serving()
  const notes = () => world.log.filter(({ id }) => id === 'DHCP4_INTERFACE_NOTE')
  const eth7 = { name: 'eth7', serving: true, trouble: '', unicast: true }
  world.sink!.onInterface({ ...eth7, addresses: [0xc0000201] })
  t.same(notes(), [])
  world.sink!.onInterface({ ...eth7, addresses: [0x0a000001] })
  t.match(notes(), [
    { level: 'warn', fields: { interface: 'eth7', trouble: /^no subnet .* 10\.0\.0\.1: only / } },
  ])
})
