// How a server leaves its pair. For maintenance while there is work: what it has promised is known
// to its partner before, and the partner's clients cannot hold it up. With a disk that does not
// answer: it says so.

import t from 'tap'
import { leaseAt, type Partner, Stage } from './fake-partner.ts'
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
  stage.storesIn(10)
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

t.test(
  'a disk that does not answer: the server leaves, and tells why nobody is answered',
  async (t) => {
    const stage = new Stage()
    const partner = stage.partner()
    stage.storesIn(20_000)
    partner.frame([leaseAt(THEIRS[0]!, 1)])
    stage.lab.advance(10_000)
    t.match(partner.closed, /stopping/)
    t.equal(stage.count('JOURNAL_STUCK'), 1)
    t.match(stage.lab.status()!.journalTrouble, /does not answer/)
    stage.storesIn()
    stage.lab.advance(20_000)
    t.equal(stage.count('JOURNAL_RECOVERED'), 1)
    t.equal(stage.lab.status()!.journalTrouble, '')
    t.equal(stage.partner().closed, '')
    t.ok(stage.isWell())
  },
)

t.test('a disk that fails and then does not answer is told of as it changes', async (t) => {
  const stage = new Stage()
  const { behaviour } = stage.server.disk
  behaviour.trouble = 'disk full'
  stage.lab.advance(15_000)
  behaviour.trouble = ''
  stage.storesIn(20_000)
  stage.lab.advance(10_000)
  t.same([stage.count('JOURNAL_FAILED'), stage.count('JOURNAL_STUCK')], [1, 0])
  stage.storesIn()
  stage.lab.advance(20_000)
  t.equal(stage.count('JOURNAL_RECOVERED'), 1)
  t.ok(stage.isWell())
})

t.test(
  'a server that has left says so to whoever dials it, and comes back when its disk is quick',
  async (t) => {
    const { stage, partner } = leftByDisk()
    t.match(partner.closed, /stopping/)
    t.equal(partner.connection.said('leaving').length, 1)
    t.same(greeted(stage), ['leaving'], 'the first may have been lost')
    stage.storesIn(700)
    stage.lab.advance(5000)
    t.same(greeted(stage), ['leaving'], 'it stores, and slowly')
    stage.storesIn()
    stage.lab.advance(2500)
    t.same(greeted(stage), ['hello'])
    t.equal(stage.count('JOURNAL_RECOVERED'), 1)
    t.equal(stage.partner().closed, '')
  },
)

t.test(
  'a disk that stays slow does not keep its server away for longer than ten seconds',
  async (t) => {
    const { stage } = leftByDisk()
    stage.storesIn(700)
    stage.lab.advance(10_000)
    t.equal(stage.count('JOURNAL_RECOVERED'), 0)
    stage.lab.advance(2000)
    t.equal(stage.count('JOURNAL_RECOVERED'), 1)
  },
)

t.test('a disk that hangs and then fails is not quick for what it stored before', async (t) => {
  const { stage } = leftByDisk()
  const { disk } = stage.server
  stage.storesIn()
  stage.lab.advance(5000)
  t.equal(stage.count('JOURNAL_RECOVERED'), 1, 'it has been quick for a while')
  Object.assign(disk.behaviour, { trouble: 'disk full', commitMin: 4000, commitMax: 4000 })
  stage.partner().frame([leaseAt(THEIRS[1]!, 2)])
  stage.lab.advance(4500)
  t.equal(stage.count('JOURNAL_FAILED'), 1)
  disk.behaviour.trouble = ''
  stage.storesIn(700)
  stage.lab.advance(5000)
  t.same(greeted(stage), ['leaving'], 'it stores, and slowly')
})

t.test('a server without its partner is there again as soon as its disk stores', async (t) => {
  const stage = new Stage()
  stage.storesIn(4000)
  stage.lab.advance(10_000)
  stage.lab.addClient()
  stage.lab.world.advanceUntil(() => stage.count('JOURNAL_STUCK') > 0, 20_000)
  t.equal(stage.count('JOURNAL_STUCK'), 1)
  stage.storesIn(700)
  stage.lab.advance(1500)
  t.equal(stage.count('JOURNAL_RECOVERED'), 1)
})

t.test(
  'a partner that is dialled and serves nobody has left, with or without a hello',
  async (t) => {
    const stage = new Stage()
    const partner = stage.partner()
    partner.connection.end()
    stage.lab.advance(10)
    t.equal(stage.pair.status().partner?.kind, 'silent')
    const dialled = stage.connect('server2')
    dialled.say({ type: 'leaving' })
    stage.lab.advance(10)
    t.equal(stage.pair.machine.state, 'partner-down')
    t.not(dialled.closed, '')
    const stranger = new Stage()
    stranger.partner().connection.end()
    const caller = stranger.connect()
    caller.say({ type: 'leaving' })
    stranger.lab.advance(10)
    t.equal(stranger.pair.status().partner?.kind, 'silent', 'who calls may be anybody')
    t.match(caller.closed, /before the hello/)
  },
)

/** A server that leaves its partner while its disk takes four seconds for a row. */
function leftByDisk(): { stage: Stage; partner: Partner } {
  const stage = new Stage()
  const partner = stage.partner()
  stage.storesIn(4000)
  partner.frame([leaseAt(THEIRS[0]!, 1)])
  stage.lab.advance(3100)
  return { stage, partner }
}

/** What whoever says hello is answered. */
function greeted(stage: Stage): string[] {
  const connection = stage.connect()
  connection.say(stage.hello())
  stage.lab.advance(10)
  connection.end()
  const words = connection.heard.filter((message) => typeof message === 'string')
  return words.slice(0, 1).map((message) => JSON.parse(message).type)
}
