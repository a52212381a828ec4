// What an operator is told of a partner that is away, and of one that is there and does not fit.

import t from 'tap'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'

function linesOf(pair: PairLab, index: number, id: string) {
  return pair.server(index).log.lines.filter((line) => line.id === id)
}

function partnerOf(pair: PairLab, index: number) {
  return pair.status(index)!.ha!.partner!
}

function partnerOff(pair: PairLab, index: number): OrderResult | undefined {
  let result: OrderResult | undefined
  pair.server(index).server!.pair!.orders.confirmPartnerOff((answer) => {
    result = answer
  })
  pair.advance(1000)
  return result
}

t.test('a takeover is a warning, and so is a server that may not serve', async (t) => {
  const pair = createPair({ clients: 2 })
  t.ok(pair.reachNormal())
  t.match(linesOf(pair, 0, 'HA_NO_RIGHTS'), [{ level: 'warn', fields: { because: 'fresh' } }])
  t.same(linesOf(pair, 0, 'HA_PARTNER_DOWN'), [])
  t.match(partnerOf(pair, 0), { trouble: '', isTurningAway: false })
  pair.kill(1)
  pair.advance(60_000)
  t.match(linesOf(pair, 0, 'HA_PARTNER_DOWN'), [{ level: 'warn', fields: { partner: 'server2' } }])
  t.match(partnerOf(pair, 0), { trouble: 'connection refused', isTurningAway: false })
  pair.start(1)
  t.ok(pair.reachNormal())
  t.match(partnerOf(pair, 0), { trouble: '', isTurningAway: false })
  t.equal(linesOf(pair, 1, 'HA_NO_RIGHTS').length, 1, 'its database has its rights')
})

t.test('nobody calls a partner off that is there and refuses', async (t) => {
  const pair = createPair({ clients: 2 })
  t.ok(pair.reachNormal())
  pair.stop(1)
  pair.advance(5000)
  const [, unlike] = pairPlans(pairConfig({ mode: 'hot-standby' }))
  pair.start(1, unlike!)
  pair.advance(20_000)
  for (const index of [0, 1]) {
    t.equal(linesOf(pair, index, 'HA_PEER_MET').length, 1, 'both refuse')
    t.ok(partnerOf(pair, index).isTurningAway)
  }
  const { trouble } = partnerOf(pair, 0)
  t.match(trouble, /load-balancing, which has no standby|'server2' is standby/)
  t.match(partnerOff(pair, 0), {
    allowed: false,
    why: /^the partner is not off, the two refuse each other: /,
  })
  pair.advance(120_000)
  pair.kill(1)
  t.match(partnerOff(pair, 0), { allowed: false, why: /stop .* repeat/ }, 'as it was seen last')
  t.match(partnerOf(pair, 0), { trouble: 'connection refused', isTurningAway: false })
  t.match(partnerOff(pair, 0), { allowed: true }, 'it was looked at again at once')
})
