// While the database that several servers share is away, a client that renews is told what is left
// of what it names. What it does not name it may have given back to another server: that would be
// written, and is not.

import t from 'tap'
import { client, LeaseServer6, na, pd, REBIND, RENEW, REQUEST } from './lease-server6.ts'

const A = '2001:db8:1::10'
const P = '2001:db8:8000::/56'

t.test('what a client is told that renews while the database is away', async (t) => {
  let isAway = false
  const settings = { isBridging: () => isAway, isSettled: () => true }
  const server = new LeaseServer6(undefined, settings)
  const one = client(1)
  server.send(REQUEST, one, [na(1), pd(1)])
  server.advance(1000)
  isAway = true
  for (const type of [RENEW, REBIND]) {
    server.send(type, one, [na(1, A), pd(1, P)])
    t.match(server.outcome, { kind: 'reply', changes: { length: 0 } })
    for (const ias of [
      [na(1), pd(1, P)],
      [na(1, A), pd(1)],
    ]) {
      server.send(type, one, ias)
      t.match(server.outcome, { kind: 'reply', changes: { length: 1 } }, 'one is to be stored')
    }
  }
})
