// What a relay said of a client, in the user context of its lease: as Kea keeps it.

import fc from 'fast-check'
import t from 'tap'
import { reclaim } from '../../lib/leases/lifecycle.ts'
import { relaySubOptionsOf, withoutRelayInfo, withRelayInfo } from '../../lib/leases/relay-info.ts'
import { BASE, client, lease } from './table-rows.ts'

const INFO = { subOptions: '\x01\x02\xab\xcd', remoteId: '', relayId: '' }
const FULL = { subOptions: '\x02\x01\xee\x0c\x02\x00\xff', remoteId: '\xee', relayId: '\x00\xff' }
const KEPT = '{"ISC":{"relay-agent-info":{"sub-options":"0x0102ABCD"}}}'

t.test('store-extended-info: what is kept', async (t) => {
  const table: [former: string, info: typeof INFO, now: string][] = [
    ['', INFO, KEPT],
    [KEPT, INFO, KEPT],
    [
      '',
      FULL,
      '{"ISC":{"relay-agent-info":{"sub-options":"0x0201EE0C0200FF","remote-id":"EE","relay-id":"00FF"}}}',
    ],
    ['{ "ISC": { "relay-agent-info": { "sub-options": "0x00", "remote-id": "01" } } }', INFO, KEPT],
    ['{"ISC":{"relay-agent-info":"0x00"}}', INFO, KEPT],
    ['{"a":1}', INFO, `{"a":1,${KEPT.slice(1)}`],
    [
      '{"ISC":{"client-classes":["x"]},"b":[2]}',
      INFO,
      '{"ISC":{"client-classes":["x"],"relay-agent-info":{"sub-options":"0x0102ABCD"}},"b":[2]}',
    ],
    ['{"ISC":7}', INFO, KEPT],
    ['no JSON', INFO, 'no JSON'],
    ['[1]', INFO, '[1]'],
  ]
  for (const [former, info, now] of table) t.equal(withRelayInfo(former, info), now, former)
  const large = JSON.stringify({ a: 'x'.repeat(65_500) })
  t.equal(withRelayInfo(large, INFO), large, 'more than a lease can hold')
})

t.test('what is read of it, of Kea up to 2.2 and since', async (t) => {
  const table: [context: string, subOptions: string][] = [
    [KEPT, INFO.subOptions],
    ['{ "ISC": { "relay-agent-info": { "sub-options": "0x0102abcd" } } }', INFO.subOptions],
    ['{"ISC":{"relay-agent-info":"0x0102ABCD"}}', INFO.subOptions],
    ['{"ISC":{"relay-agent-info":"0102ABCD"}}', INFO.subOptions],
    ['', ''],
    ['{}', ''],
    ['{"ISC":{"relay-agent-info":{"sub-options":7}}}', ''],
    ['{"ISC":{"relay-agent-info":{"sub-options":"0xZZ"}}}', ''],
    ['{"ISC":null,"x":"relay-agent-info"}', ''],
    ['"relay-agent-info"', ''],
  ]
  for (const [context, subOptions] of table)
    t.equal(relaySubOptionsOf(context), subOptions, context)
})

t.test('what is left without it', async (t) => {
  const table: [context: string, left: string][] = [
    [KEPT, ''],
    ['{"a":1}', '{"a":1}'],
    [`{"a":1,${KEPT.slice(1)}`, '{"a":1}'],
    [
      '{"ISC":{"client-classes":["x"],"relay-agent-info":"0x00"}}',
      '{"ISC":{"client-classes":["x"]}}',
    ],
    ['no "relay-agent-info" of ours', 'no "relay-agent-info" of ours'],
    ['', ''],
  ]
  for (const [context, left] of table) t.equal(withoutRelayInfo(context), left, context)
})

t.test('whatever a context holds, it is read again as it was', async () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (context, octets) => {
      const subOptions = [...octets]
        .map((one) => String.fromCharCode(one.charCodeAt(0) & 255))
        .join('')
      const text = withRelayInfo(JSON.stringify(context), { ...INFO, subOptions })
      return relaySubOptionsOf(text) === subOptions
    }),
  )
})

t.test('an ended lease says nothing of a relay any more', async (t) => {
  const kept = lease(BASE, client(1), { userContext: `{"a":1,${KEPT.slice(1)}` })
  t.equal(reclaim(kept, 2).userContext, '{"a":1}')
})
