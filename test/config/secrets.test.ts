// What is written back with the mark of a secret: the secret that stands there, or none.

import t from 'tap'
import { MARK, NoSecret, withoutSecrets, withSecrets } from '../../lib/config/keys/secrets.ts'

const STANDING = {
  'lease-database': { type: 'postgresql', host: 'db', user: 'kea', password: 'one' },
  'control-sockets': [
    { 'socket-type': 'unix', 'socket-name': 'x' },
    {
      'socket-type': 'http',
      'socket-port': 8000,
      authentication: {
        type: 'basic',
        clients: [
          { user: 'a', password: 'two' },
          { user: 'b', password: 'three' },
        ],
      },
    },
  ],
  'user-context': { psk: '' },
  webhooks: [
    { url: 'https://a', secret: 'four' },
    { url: 'https://a', secret: 'five' },
  ],
}

type Map = Record<string, unknown>

function written(change: (shown: typeof STANDING) => unknown): unknown {
  const shown = structuredClone(withoutSecrets(STANDING)) as typeof STANDING
  try {
    return withSecrets(change(shown), STANDING)
  } catch (error) {
    if (error instanceof NoSecret) return error.path.join('/')
    throw error
  }
}

t.test('what was shown, and is written back, has its secrets', async (t) => {
  const { webhooks: _, ...named } = STANDING
  t.same(
    written(({ webhooks: __, ...shown }) => shown),
    named,
  )
  const more = written(({ webhooks: __, ...shown }) => ({
    ...shown,
    'valid-lifetime': 7,
    'lease-database': { ...shown['lease-database'], 'connect-timeout': 5 },
    'control-sockets': [{ 'socket-type': 'https' }, ...shown['control-sockets'].toReversed()],
  })) as Map
  t.match(more['lease-database'], { password: 'one', 'connect-timeout': 5 })
  t.match((more['control-sockets'] as object[])[1], {
    authentication: { clients: [{ password: 'two' }, { password: 'three' }] },
  })
  t.same(withSecrets(STANDING, {}), STANDING, 'without a mark it is what it is')
})

t.test('ten thousand that are alike are told apart at once', async (t) => {
  const subnet4 = Array.from({ length: 10_000 }, (_, at) => ({
    ...{ 'valid-lifetime': 3600, subnet: `10.${at >> 8}.${at & 255}.0/24`, id: at + 1 },
    'user-context': { psk: `secret ${at}` },
  }))
  let reads = 0
  const standing = subnet4.map((one) =>
    Object.defineProperty({ ...one }, 'subnet', {
      enumerable: true,
      get() {
        reads++
        return one.subnet
      },
    }),
  )
  const shown = withoutSecrets({ subnet4 })
  t.same(withSecrets(shown, { subnet4: standing }), { subnet4 })
  t.ok(reads < 100_000, `${reads} comparisons`)
})

t.test('a secret goes nowhere else', async (t) => {
  const database = (more: object) =>
    written((shown) => ({ 'lease-database': { ...shown['lease-database'], ...more } }))
  t.match(database({}), { 'lease-database': { password: 'one' } })
  t.equal(database({ host: 'elsewhere' }), 'lease-database/password')
  t.equal(
    written(() => ({ 'hosts-database': { host: 'db', password: MARK } })),
    'hosts-database/password',
  )
  const clients = (list: readonly object[]) =>
    written(({ 'control-sockets': [, http] }) => ({
      'control-sockets': [{ ...http, authentication: { type: 'basic', clients: list } }],
    }))
  t.match(clients([{ user: 'b', password: MARK }]), {
    'control-sockets': [{ authentication: { clients: [{ user: 'b', password: 'three' }] } }],
  })
  const at = 'control-sockets/0/authentication/clients/0/password'
  t.equal(clients([{ user: 'c', password: MARK }]), at)
  t.equal(clients([{ password: MARK }]), at, 'whose it is is not said')
  t.equal(
    written(({ webhooks }) => ({ webhooks })),
    'webhooks/0/secret',
    'two that say the same',
  )
  t.equal(
    written(() => ({ 'user-context': { psk: MARK } })),
    'user-context/psk',
    'there was none',
  )
  t.equal(
    written(() => ({ 'lease-database': [{ password: MARK }] })),
    'lease-database/0/password',
  )
  t.throws(() => withSecrets({ psk: MARK }, { psk: MARK }), NoSecret)
  t.throws(() => withSecrets({ psk: MARK }, undefined), NoSecret)
})
