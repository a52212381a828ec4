// A subnet that gets another prefix, as with `prefix-from`: what its clients are told, and that
// they go on to be known by the end of their address.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import {
  client,
  documentWith,
  LeaseServer6,
  na,
  pd,
  REBIND,
  RENEW,
  REQUEST,
  SOLICIT,
} from './lease-server6.ts'

const [SOMEBODY, OTHER] = [client(9), client(1)]

/** The subnet where everything begins with these 48 bits. */
function behind(front: string, more: object = {}): Dhcp6Document {
  return documentWith({
    subnet: `${front}:1::/64`,
    pools: [{ pool: `${front}:1::10 - ${front}:1::19` }],
    'pd-pools': [{ prefix: `${front}:8000::`, 'prefix-len': 52, 'delegated-len': 56 }],
    ...more,
  })
}

const [FORMER, NEXT] = ['2001:db8:a', '2001:db8:b']

/** OTHER has the first address and prefix, SOMEBODY the second; then the prefix moves. */
function moved(more: object = {}): LeaseServer6 {
  const server = new LeaseServer6(behind(FORMER))
  for (const each of [OTHER, SOMEBODY]) server.lease(each, na(1), pd(1))
  server.reload(behind(NEXT, more))
  return server
}

const HAD = [na(1, `${FORMER}:1::11`), pd(1, `${FORMER}:8100::/56`)]
const HAS = [`NA 1: ${NEXT}:1::11 3000/4000`, `PD 1: ${NEXT}:8100::/56 3000/4000`]

t.test('a subnet that gets another prefix', async (t) => {
  for (const [name, type] of [
    ['RENEW', RENEW],
    ['REBIND', REBIND],
  ] as const)
    t.test(
      `${name}: the same end behind the new prefix first, and 0/0 for the former`,
      async (t) => {
        const server = moved()
        t.strictSame(server.ias(type, SOMEBODY, HAD), [
          `${HAS[0]}, 0/0 ${FORMER}:1::11`,
          `${HAS[1]}, 0/0 ${FORMER}:8100::/56`,
        ])
        t.strictSame(
          server.ias(type, SOMEBODY, HAD),
          [`${HAS[0]}, 0/0 ${FORMER}:1::11`, `${HAS[1]}, 0/0 ${FORMER}:8100::/56`],
          'the reply may be lost',
        )
      },
    )

  t.test('SOLICIT and REQUEST, also of a client that names nothing', async (t) => {
    const server = moved()
    t.strictSame(server.ias(SOLICIT, SOMEBODY, [na(1), pd(1)]), HAS)
    t.strictSame(server.ias(REQUEST, SOMEBODY, [na(1), pd(1)]), HAS)
  })

  t.test('a host that is new gets what no other host had', async (t) => {
    const server = moved()
    t.strictSame(server.ias(REQUEST, client(2), [na(1)]), [`NA 1: ${NEXT}:1::10 3000/4000`])
    t.strictSame(
      server.ias(RENEW, OTHER, [na(1, `${FORMER}:1::10`)]),
      [`NA 1: ${NEXT}:1::11 3000/4000, 0/0 ${FORMER}:1::10`],
      'but nothing is taken from anybody',
    )
  })

  t.test('a lease that has ended leads back, too', async (t) => {
    const server = moved()
    server.advance(5000)
    t.strictSame(server.ias(REQUEST, SOMEBODY, [na(1), pd(1)]), HAS)
  })

  t.test('what is reserved goes before it', async (t) => {
    const reservations = [
      { duid: '00:03:00:01:00:00:5e:00:53:09', 'ip-addresses': [`${NEXT}:1::77`] },
    ]
    const server = moved({ reservations })
    t.strictSame(server.ias(RENEW, SOMEBODY, HAD.slice(0, 1)), [
      `NA 1: ${NEXT}:1::77 3000/4000, 0/0 ${FORMER}:1::11`,
    ])
  })

  t.test('outside of the pool there is no such end', async (t) => {
    const server = moved({ pools: [{ pool: `${NEXT}:1::20/124` }], 'pd-pools': [] })
    t.strictSame(server.ias(RENEW, SOMEBODY, HAD), [
      `NA 1: ${NEXT}:1::20 3000/4000, 0/0 ${FORMER}:1::11`,
      `PD 1: NoPrefixAvail, 0/0 ${FORMER}:8100::/56`,
    ])
  })

  t.test('prefixes of another length are new ones', async (t) => {
    const longer = { prefix: `${NEXT}:8000::`, 'prefix-len': 52, 'delegated-len': 60 }
    const server = moved({ 'pd-pools': [longer] })
    t.strictSame(server.ias(RENEW, SOMEBODY, HAD.slice(1)), [
      `PD 1: ${NEXT}:8000::/60 3000/4000, 0/0 ${FORMER}:8100::/56`,
    ])
  })

  t.test('and comes back: everybody has what they had', async (t) => {
    const server = moved()
    server.ias(RENEW, SOMEBODY, HAD)
    server.reload(behind(FORMER))
    const names = [na(1, `${NEXT}:1::11`), pd(1, `${NEXT}:8100::/56`)]
    t.strictSame(server.ias(RENEW, SOMEBODY, names), [
      `NA 1: ${FORMER}:1::11 3000/4000, 0/0 ${NEXT}:1::11`,
      `PD 1: ${FORMER}:8100::/56 3000/4000, 0/0 ${NEXT}:8100::/56`,
    ])
  })
})
