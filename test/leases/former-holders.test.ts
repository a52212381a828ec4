// Who else may have the address of a lease is kept in its user context, beside what others keep.

import t from 'tap'
import { formerHolders, withFormerHolders } from '../../lib/leases/former-holders.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { withRelayInfo } from '../../lib/leases/relay-info.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'

const MINUTE = 60_000

function card(last: number, clientId = '') {
  return { htype: 1, hwAddress: `\x02\0\0\0\0${String.fromCharCode(last)}`, clientId }
}

/** A lease of ten minutes, whose grace is 13 s. */
function leaseOf(last: number, start: number, userContext = '', clientId = ''): Lease {
  const times = { start, end: start + 10 * MINUTE, validLifetime: 600 }
  const client = card(last, clientId)
  return { ...freeRow(1), ...client, ...times, state: LEASE_STATE.assigned, userContext }
}

function seconds(row: Lease, now: number): [number, number][] {
  return formerHolders(row, now).map((one) => [one.hwAddress.charCodeAt(5), one.seconds])
}

t.test('one after the other is noted until its lease and grace are over', async (t) => {
  const first = leaseOf(1, 0)
  const second = leaseOf(2, MINUTE, withFormerHolders('', first, card(2), MINUTE))
  t.same(seconds(second, MINUTE), [[1, 553]])
  const third = leaseOf(3, 2 * MINUTE, withFormerHolders('', second, card(3), 2 * MINUTE))
  t.same(seconds(third, 2 * MINUTE), [
    [1, 493],
    [2, 553],
  ])
  const renewed = leaseOf(3, 11 * MINUTE, withFormerHolders('', third, card(3), 11 * MINUTE))
  t.same(seconds(renewed, 11 * MINUTE), [[2, 13]], 'a renewal forgets who is over')
  t.same(seconds(renewed, 12 * MINUTE), [])
  t.equal(withFormerHolders('', renewed, card(3), 12 * MINUTE), '')
})

t.test('who gets it back is no former holder', async (t) => {
  const second = leaseOf(2, 1000, withFormerHolders('', leaseOf(1, 0), card(2), 1000))
  const first = leaseOf(1, 2000, withFormerHolders('', second, card(1), 2000))
  t.same(seconds(first, 2000), [[2, 612]])
})

t.test('a client identifier is noted, and a lease without end for ever', async (t) => {
  const endless = { ...leaseOf(1, 0, '', '\x01\x02'), end: NEVER, validLifetime: INFINITE_LIFETIME }
  const context = withFormerHolders('', endless, card(2), 1000)
  t.same(JSON.parse(context), {
    Whio: {
      'former-holders': [
        { 'hw-address': '02:00:00:00:00:01', 'client-id': '01:02', seconds: INFINITE_LIFETIME },
      ],
    },
  })
  const row = leaseOf(2, 1000, context)
  t.match(formerHolders(row, 1e12), [{ clientId: '\x01\x02', seconds: INFINITE_LIFETIME }])
})

t.test('what others keep there stays', async (t) => {
  const relay = { subOptions: '\x01\x01\x07', remoteId: '', relayId: '' }
  const others = withRelayInfo('{"site":"north","Whio":{"x":1}}', relay)
  const context = withFormerHolders(others, leaseOf(1, 0), card(2), 0)
  t.match(JSON.parse(context), { ...JSON.parse(others), Whio: { x: 1 } })
  t.same(seconds(leaseOf(2, 0, context), 0).length, 1)
  const over = withFormerHolders(context, leaseOf(2, 0, context), card(2), 11 * MINUTE)
  t.same(JSON.parse(over), JSON.parse(others))
  for (const text of ['', 'no JSON', '[1]', '{"site":"north"}'])
    t.equal(withFormerHolders(text, leaseOf(1, 0, text), card(1), 0), text, 'nothing to note')
})

t.test('what is no note is none', async (t) => {
  const wild = ['1', '{}', '[7]', '[{"seconds":5}]', '[{"hw-address":"02","seconds":"x"}]', '"x"']
  for (const list of wild) {
    const row = leaseOf(1, 0, `{"Whio":{"former-holders":${list}}}`)
    t.same(formerHolders(row, 0), [], list)
  }
  t.same(formerHolders(leaseOf(1, 0, '"former-holders"'), 0), [])
})
