// How a server of a pair leaves for maintenance while there is work: what it has promised is known to its partner
// before, and the partner's clients cannot hold it up.

import t from 'tap'
import { leaseAt, Stage } from './fake-partner.ts'
import { THEIRS } from './pair-attack.ts'

t.test(
  'a lease that was granted before is known to the partner when it is acknowledged',
  async (t) => {
    const stage = new Stage()
    const partner = stage.partner()
    partner.acks = false
    const client = stage.lab.addClient()
    stage.lab.world.advanceUntil(() => partner.rows.length > 0, 10_000)
    stage.lab.advance(20)
    t.notOk(client.isBound)
    t.ok(partner.rows.length > 0, 'it waits for the partner')
    partner.say({ type: 'maintenance', cancel: false })
    stage.lab.advance(500)
    t.notOk(client.isBound, 'still')
    t.same(partner.connection.said('over'), [])
    partner.acks = true
    partner.ack()
    stage.lab.advance(500)
    t.ok(client.isBound)
    t.equal(partner.connection.said('over').length, 1)
  },
)

t.test('a partner that has much to say is handed everything all the same', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  Object.assign(stage.server.disk.behaviour, { commitMin: 10, commitMax: 10 })
  const serve = () => {
    partner.frame([leaseAt(THEIRS[0]!, 1)])
    stage.lab.world.after(2, serve)
  }
  serve()
  partner.say({ type: 'maintenance', cancel: false })
  stage.lab.advance(5000)
  t.equal(stage.pair.record.rights, 'none')
  t.equal(partner.connection.said('over').length, 1)
})
