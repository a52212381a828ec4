// Queries that nobody sane would send.

import t from 'tap'
import { BulkQuery, bulkQueryIn } from '../../lib/leasequery/bulk-query.ts'
import { answerQuery, judgeQuery } from '../../lib/leasequery/lease-query.ts'
import { LEASE_QUERY4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { client, hex, ip, SERVER } from '../dhcp4/test-server.ts'
import { memoryInUse } from '../fuzz/campaign.ts'
import { drawing } from '../leases/table-rows.ts'
import { ask, askInBulk, kindOf, linesOf, query, REQUESTER, serverWith } from './asking.ts'

const { bulkQuery: BULK, done: DONE } = LEASE_QUERY4

t.test('field 6b row 8: the same query fifty thousand times, and the heap is flat', async (t) => {
  const server = serverWith()
  server.lease(client(1))
  const { now, plan, table } = server
  const known = { plan, table, now, knowsAll: true }
  const message = new Message4()
  const queries = [
    query({ giaddr: REQUESTER, hwAddress: client(1).hwAddress! }),
    query({ giaddr: REQUESTER, ciaddr: ip('192.0.2.10') }, { 55: '\x33\x3a\x3b\x5b\x5c' }),
  ]
  const repeat = (times: number) => {
    for (let n = 0; n < times; n++) {
      const bytes = queries[n & 1]!
      decode4(message, bytes, 0, bytes.length, 'usual')
      const asked = judgeQuery(message, plan.leaseQuery!, () => false)
      if (typeof asked !== 'string') answerQuery(message, asked, SERVER, known)
    }
  }
  repeat(5000)
  const before = memoryInUse()
  repeat(50_000)
  t.ok(memoryInUse() - before < 2 ** 20)
})

t.test(
  'field 6b row 31: bad identifiers, empty hardware, a lease whose subnet is gone',
  async (t) => {
    const server = serverWith()
    server.lease(client(1), { 61: hex('01c1c1') })
    const at = ip('192.0.2.10')
    t.equal(kindOf(ask(server, {}, { 61: '' })), 'bad-lease-query')
    t.equal(kindOf(ask(server, {}, { 61: '\0'.repeat(255) })), 'unknown')
    server.table.apply({
      kind: 'put',
      lease: { ...server.row('192.0.2.10')!, hwAddress: '', htype: 0, subnetId: 99 },
    })
    const answer = ask(server, { ciaddr: at })
    t.equal(kindOf(answer), 'active')
    if (typeof answer !== 'string')
      t.notOk(linesOf(answer).some((line) => /chaddr 0|htype 1/.test(line)))
    const messages = askInBulk(server, query({}, { 61: hex('01c1c1') }, BULK))
    t.strictSame(
      messages?.map(({ type }) => type),
      [LEASE_QUERY4.active, DONE],
    )
  },
)

t.test(
  'whatever the bytes, there is an answer that can be read, a reason, or silence',
  async (t) => {
    const server = serverWith({ 'store-extended-info': true })
    server.lease(client(1, { giaddr: ip('192.0.2.1') }), { 61: hex('01c1c1'), 82: hex('0201ee') })
    const seeds = [
      query({ giaddr: REQUESTER, ciaddr: ip('192.0.2.10') }),
      query({ giaddr: REQUESTER }, { 61: hex('01c1c1'), 54: '\xc0\x00\x02\x01' }),
      query(
        { hwAddress: client(1).hwAddress! },
        { 154: '\0\0\0\x01', 155: '\x7f\xff\xff\xff' },
        BULK,
      ),
      query({}, { 82: hex('0201ee0c0200ff') }, BULK),
    ]
    const draw = drawing(6926)
    const { now, plan, table } = server
    const known = { plan, table, now, knowsAll: true, wall: 1e12, isOfPair: true }
    const read = new Message4()
    let answers = 0
    for (let run = 0; run < 10_000; run++) {
      const bytes = seeds[draw(seeds.length)]!.slice()
      for (let change = draw(4); change >= 0; change--) bytes[draw(bytes.length)] = draw(256)
      const cut = bytes.subarray(0, draw(4) === 0 ? draw(bytes.length) : bytes.length)
      const message = new Message4()
      if (decode4(message, cut, 0, cut.length, 'usual') === undefined) {
        const asked = judgeQuery(message, plan.leaseQuery!, (id) => id === SERVER)
        if (typeof asked !== 'string') {
          const { bytes: said } = answerQuery(message, asked, SERVER, known)
          if (decode4(read, said, 0, said.length, 'strict') !== undefined) t.fail(hexOf(cut))
          if (read.op !== 2 || read.giaddr !== message.giaddr) t.fail(hexOf(cut))
          answers++
        }
      }
      const asked = bulkQueryIn(cut)
      if (asked === undefined) continue
      const bulk = new BulkQuery(asked, '192.0.2.1', 1)
      let slices = 0
      while (!bulk.slice(known).isLast) if (++slices > 10) t.fail(hexOf(cut))
      answers++
    }
    t.ok(answers > 2500, `${answers} answers`)
  },
)

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
