// Connections that are dead, or carry nothing that matters. A backup is not waited for, but neither
// end believes in it for ever; of a partner that hears nothing, clients must not wait again and
// again.

import t from 'tap'
import { BACKUP, Stage } from './fake-partner.ts'

t.test('a backup that hears nothing any more loses the connection', async (t) => {
  const stage = new Stage({ config: { backup: true } })
  stage.partner()
  const backup = stage.greet(BACKUP)
  stage.lab.advance(20)
  backup.isReading = false
  stage.lab.advance(2000)
  t.equal(backup.closed, '')
  stage.lab.advance(3000)
  t.match(backup.closed, /heard there/)
  t.equal(stage.count('HA_LINK_LOST'), 1)
  t.ok(stage.isWell())
})

t.test('a backup that hears keeps it, whether it stores or not', async (t) => {
  const stage = new Stage({ config: { backup: true } })
  stage.partner()
  const backup = stage.greet(BACKUP)
  for (let second = 0; second < 20; second++) {
    stage.lab.advance(1000)
    backup.say({ type: 'heartbeat', seen: backup.heard.length - 1, state: 'backup', scopes: [] })
  }
  t.equal(backup.closed, '')
  t.ok(stage.isWell())
})

t.test('a backup ends a connection on which it is not heard', async (t) => {
  const record = { rights: 'none', partnerDatabase: '', applied: {} } as const
  const stage = new Stage({ config: { backup: true }, index: 2, record })
  const active = stage.greet({ name: 'server1', role: 'primary', side: 0 })
  stage.lab.advance(20)
  t.equal(stage.count('HA_PEER_MET'), 1)
  active.isReading = false
  stage.lab.advance(5000)
  t.match(active.closed, /heard there/)
})

// As where long packets are dropped on the way, and nobody is told.
t.test('a partner that is met again and again, and hears nothing then', async (t) => {
  const stage = new Stage()
  const { dials } = stage.link
  let meetings = 0
  for (let time = 0; time < 60_000; time += 100) {
    if (dials.length > meetings) {
      meetings++
      const connection = stage.connect('server2')
      // It has rows that this server misses.
      connection.say({ ...stage.hello({ position: 200, instance: 'one', turn: meetings }) })
      connection.isReading = false
    }
    stage.lab.advance(100)
  }
  t.ok(meetings > 3, 'it is dialled all the time')
  t.ok(meetings <= 8, `${meetings} times in a minute`)
  t.ok(stage.isWell())
})

t.test('events tell that the partner is met and lost, of a backup nothing', async (t) => {
  const stage = new Stage({ config: { backup: true } })
  const told: unknown[] = []
  stage.server.onEvent((_, event) => {
    if (event.kind === 'partner') told.push(event)
  })
  const partner = stage.partner()
  const backup = stage.greet(BACKUP)
  stage.lab.advance(20)
  const of = { kind: 'partner', partner: 'server2' }
  t.same(told, [{ ...of, isConnected: true, why: '' }])
  backup.isReading = false
  stage.lab.advance(5000)
  t.not(backup.closed, '')
  partner.connection.isReading = false
  stage.lab.advance(10_000)
  t.not(partner.connection.closed, '')
  t.match(told[1], { ...of, isConnected: false, why: partner.connection.closed })
})
