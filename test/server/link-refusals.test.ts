// Servers that do not want each other, connections that come and go, and a partner that could fill
// a log: how often such a peer is dialled, and what is told of it.

import t from 'tap'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { DialFailure } from '../../lib/ports/link.ts'
import { LINES_MAX, LineLimit } from '../../lib/server/line-limit.ts'
import { DIAL_PAUSE_MAX, Dialling } from '../../lib/server/pair/dialling.ts'
import { leaseAt, Stage, type StageSettings } from './fake-partner.ts'
import { MINE } from './pair-attack.ts'

const BEAT = 500

// ---- when a peer is dialled

t.test(
  'pauses double to a maximum, and begin anew when something was well or has changed',
  async (t) => {
    const dialling = new Dialling(['server2'], () => BEAT)
    let now = 1000
    const pauseAfter = (act: () => void) => {
      act()
      return dialling.at('server2') - now
    }
    const turnedAway = () => {
      const pause = pauseAfter(() => dialling.turnedAway('server2', now))
      now += pause
      return pause
    }
    t.ok(dialling.at('server2') < 0, 'at once')
    t.equal(
      pauseAfter(() => dialling.begun('server2', now)),
      BEAT,
    )
    t.same(Array.from({ length: 9 }, turnedAway), [
      ...[500, 1000, 2000, 4000, 8000, 16_000],
      ...[DIAL_PAUSE_MAX, DIAL_PAUSE_MAX, DIAL_PAUSE_MAX],
    ])
    now += DIAL_PAUSE_MAX
    t.same([turnedAway(), turnedAway()], [BEAT, 2 * BEAT], 'it was well for so long')
    dialling.heard('server2', 'a life')
    t.ok(dialling.at('server2') < 0, 'it lives anew')
    t.same([turnedAway(), turnedAway()], [BEAT, 2 * BEAT])
    dialling.heard('server2', 'a life')
    t.ok(dialling.at('server2') > 0, 'it is the same life')
    dialling.renew()
    t.ok(dialling.at('server2') < 0, 'another configuration here')
    t.same([turnedAway(), turnedAway()], [BEAT, 2 * BEAT])
    dialling.ended('server2')
    t.ok(dialling.at('server2') < 0, 'whose connection has ended may be gone')
    for (const act of ['begun', 'ended', 'turnedAway', 'heard'] as const)
      dialling[act]('nobody', now as never)
    t.equal(dialling.at('nobody'), Number.POSITIVE_INFINITY)
  },
)

t.test('a heartbeat that is longer than the longest pause', async (t) => {
  const dialling = new Dialling(['server2'], () => 60_000)
  dialling.turnedAway('server2', 0)
  dialling.turnedAway('server2', 60_000)
  t.equal(dialling.at('server2'), 120_000)
})

/** Dials that the test has answered. */
const answered = new WeakMap<Stage, number>()

/**
 * Lets time pass; each dial is answered by the test at once. Returns when they came, from the
 * beginning on.
 */
function dialsWithin(stage: Stage, time: number, answer: () => void): number[] {
  const { world } = stage.lab
  const start = world.now
  const times: number[] = []
  while (world.now < start + time) {
    stage.lab.advance(50)
    const { length } = stage.link.dials
    if (length === (answered.get(stage) ?? 0)) continue
    answered.set(stage, length)
    times.push(world.now - start)
    answer()
  }
  return times
}

const ended = (stage: Stage, failure: DialFailure) => () =>
  stage.link.sink!.onDialFailed('server2', failure, 'as the test wants')

/** A stage whose partner is given up. */
function alone(settings?: StageSettings): Stage {
  const stage = new Stage(settings)
  dialsWithin(stage, 10_000, ended(stage, 'unreachable'))
  return stage
}

t.test('who rejects this server is dialled less and less often, and told of once', async (t) => {
  const stage = alone()
  const dials = dialsWithin(stage, 300_000, ended(stage, 'rejected'))
  t.ok(dials.length < 20, `${dials.length} dials in five minutes`)
  t.ok(dials.at(-1)! - dials.at(-2)! >= DIAL_PAUSE_MAX)
  const told = stage.server.log.lines.filter(({ id }) => id.startsWith('HA_DIAL_'))
  t.match(
    told.map(({ fields }) => fields.failure),
    ['unreachable', 'rejected'],
  )
  stage.lab.reload(stage.server.plan)
  t.ok(dialsWithin(stage, 1000, ended(stage, 'rejected')).length > 0, 'a reload tries at once')
  t.ok(stage.isWell())
})

t.test('another reason for a rejection is told, too', async (t) => {
  const stage = alone()
  for (const reason of ['the password', 'the certificate', 'the password'])
    stage.link.sink!.onDialFailed('server2', 'rejected', reason)
  const told = stage.server.log.lines.filter(({ id }) => id === 'HA_DIAL_REJECTED')
  t.same(
    told.map(({ fields }) => fields.detail),
    ['the password', 'the certificate'],
  )
})

t.test('an hour later it is told how often', async (t) => {
  const stage = alone()
  dialsWithin(stage, 3_700_000, ended(stage, 'rejected'))
  const more = stage.server.log.lines.filter(({ id }) => id === 'HA_MORE')
  const [rejected] = more.filter(
    ({ fields }) => fields.about === 'server2: rejected: as the test wants',
  )
  t.match(rejected!.fields, { line: 'HA_DIAL_REJECTED' })
  t.ok((rejected!.fields.suppressed as number) > 100)
})

t.test('who cannot be reached, or has nobody listening, is dialled every heartbeat', async (t) => {
  for (const failure of ['unreachable', 'refused'] as const) {
    const stage = alone()
    const dials = dialsWithin(stage, 60_000, ended(stage, failure))
    t.ok(dials.length > 100, `${failure}: ${dials.length} dials in a minute`)
  }
})

t.test(
  'while clients wait for a takeover a process that has gone is noticed at once',
  async (t) => {
    const stage = new Stage({ config: { ha: { 'max-response-delay': 60_000 } } })
    const partner = stage.partner()
    partner.connection.end()
    const dials = dialsWithin(stage, 30_000, ended(stage, 'rejected'))
    t.ok(dials.length > 50, 'a firewall or a listener that rejects hides the process')
    t.notOk(stage.pair.contact.isDown(stage.pair.services.now()))
    dialsWithin(stage, 1000, ended(stage, 'refused'))
    t.ok(stage.pair.contact.isDown(stage.pair.services.now()), 'within a heartbeat')
  },
)

t.test('a refusal there, a hello that is refused here: the same', async (t) => {
  const plays: ((stage: Stage) => void)[] = [
    (stage) => stage.connect('server2').say({ type: 'refusal', reason: 'you are another' }),
    (stage) => stage.connect('server2').say({ ...stage.hello({ role: 'primary', instance: 'x' }) }),
    (stage) => stage.connect('server2').say({ ...stage.hello({ version: 2, instance: 'x' }) }),
    (stage) => stage.connect('server2').say('nonsense'),
  ]
  for (const play of plays) {
    const stage = alone()
    const dials = dialsWithin(stage, 300_000, () => play(stage))
    t.ok(dials.length < 20, `${dials.length} dials in five minutes`)
    t.equal(stage.count('HA_PEER_REFUSED'), 1)
    // It starts again with another configuration, and dials.
    t.equal(stage.partner().closed, '')
    t.ok(stage.isWell())
  }
})

t.test('a peer that lives anew is dialled at once', async (t) => {
  const stage = alone()
  const refuse = () => stage.connect('server2').say({ type: 'refusal', reason: 'no' })
  dialsWithin(stage, 120_000, refuse)
  while (dialsWithin(stage, 50, refuse).length === 0);
  t.same(dialsWithin(stage, 2000, refuse), [])
  stage.greet({ role: 'primary' })
  t.ok(dialsWithin(stage, 2000, refuse).length > 0)
})

t.test('strangers who call do not keep this server from its partner', async (t) => {
  const stage = alone()
  for (let round = 0; round < 50; round++) {
    stage.greet({ role: 'primary', instance: 'x' })
    stage.connect().say('nonsense')
  }
  t.ok(dialsWithin(stage, 1000, ended(stage, 'unreachable')).length > 0)
})

// ---- connections that end for a reason that stays

t.test('what ends a connection is said, and the next one takes its time', async (t) => {
  const stage = new Stage()
  const meet = () => {
    const connection = stage.connect('server2')
    connection.say({ ...stage.hello({ instance: 'one life', turn: ++turn }) })
    connection.say(new Uint8Array(3))
    stage.lab.advance(20)
    connection.say(new Uint8Array(3))
    t.match(connection.said('refusal').at(-1)?.reason ?? connection.closed, /lane|header|hello/)
  }
  let turn = 0
  const dials = dialsWithin(stage, 300_000, meet)
  t.ok(dials.length < 20, `${dials.length} dials in five minutes`)
  t.ok(stage.isWell())
})

t.test('the acceptor of what the dialler refuses: few lines, few dials', async (t) => {
  const stage = new Stage()
  let turn = 0
  const play = () => {
    // It dials, is agreed with, and refuses.
    const connection = stage.connect('server2')
    connection.say({ ...stage.hello({ instance: 'one life', turn: ++turn }) })
    stage.lab.advance(5)
    connection.say({ type: 'refusal', reason: 'another pair' })
    connection.end()
  }
  const dials = dialsWithin(stage, 300_000, play)
  t.ok(dials.length < 20, `${dials.length} dials in five minutes`)
  t.equal(stage.count('HA_LINK_LOST'), dials.length)
  t.match(
    stage.server.log.lines.find(({ id }) => id === 'HA_LINK_LOST')!.fields.reason,
    /refused there: another pair/,
  )
})

t.test('a connection that is lost is dialled anew at once', async (t) => {
  const stage = alone()
  stage.partner().connection.end()
  t.same(dialsWithin(stage, 300, ended(stage, 'refused')), [50])
})

// ---- what is told

t.test('lines are limited by their kinds, and kinds by their number', async (t) => {
  const told: string[] = []
  const limit = new LineLimit({ lines: 2, window: 100, kinds: 3 }, (kind, suppressed) =>
    told.push(`${kind} ${suppressed}`),
  )
  const admitted = (kind: string, now: number) => limit.admits(kind, now)
  t.same(
    [0, 0, 0, 99, 100].map((now) => admitted('a', now)),
    [true, true, false, false, true],
  )
  t.same(told, ['a 2'])
  for (const kind of ['b', 'b', 'b', 'c']) admitted(kind, 100)
  t.same(told, ['a 2'])
  admitted('d', 101)
  admitted('e', 101)
  t.same(told, ['a 2', 'b 1'], 'the oldest go')
  for (let line = 0; line < 5; line++) admitted('e', 102)
  limit.closeEnded(150)
  t.equal(told.length, 2)
  limit.closeAll(150)
  t.equal(told.at(-1), 'e 4')
})

const linesOf = (stage: Stage, id: string) =>
  stage.server.log.lines.filter((line) => line.id === 'HA_MORE' && line.fields.line === id)

t.test('a partner that comes and goes: ten lines of each kind, and their number', async (t) => {
  const stage = new Stage()
  for (let round = 0; round < 100; round++) stage.greet().end()
  for (const id of ['HA_PEER_MET', 'HA_LINK_LOST']) t.equal(stage.count(id), LINES_MAX, id)
  stage.lab.advance(30_000)
  for (const id of ['HA_PEER_MET', 'HA_LINK_LOST'])
    t.match(linesOf(stage, id), [{ fields: { suppressed: 100 - LINES_MAX } }], id)
  t.ok(stage.isWell())
})

t.test('conflicts by the thousand: ten lines, all counted', async (t) => {
  const rows = MINE.slice(0, 20).map((address, index) => leaseAt(address, index, { gave: 1 }))
  const stage = new Stage({ rows })
  const partner = stage.partner()
  for (let round = 0; round < 50; round++)
    partner.frame(
      MINE.slice(0, 20).map((address, index) =>
        leaseAt(address, 1000 + 20 * round + index, { gave: 0, got: 1 }),
      ),
    )
  const { conflicts } = stage.pair.merger
  t.ok(conflicts >= 20, `${conflicts} conflicts`)
  t.equal(stage.count('HA_LEASE_CONFLICT'), LINES_MAX)
  stage.lab.advance(30_000)
  t.match(linesOf(stage, 'HA_LEASE_CONFLICT'), [{ fields: { suppressed: conflicts - LINES_MAX } }])
})

t.test('reasons that a stranger makes up', async (t) => {
  const stage = new Stage()
  for (let round = 0; round < 1000; round++) stage.greet({ name: `stranger${round}` })
  t.equal(stage.count('HA_PEER_REFUSED'), LINES_MAX)
  t.ok(stage.server.log.lines.length < 100)
  // Each twice: now every one has a number of its own to be told.
  for (let round = 0; round < 1000; round++)
    for (const _ of 'ab') stage.greet({ name: `other${round}` })
  t.ok(stage.server.log.lines.length < 100, `${stage.server.log.lines.length} lines`)
  stage.lab.advance(30_000)
  t.equal(linesOf(stage, 'HA_MORE').length, 1, 'numbers are counted, too')
})

t.test('a backup that comes and goes does not loosen the limits', async (t) => {
  const stage = new Stage({ config: { backup: true } })
  stage.partner()
  const backup = { name: 'server3', role: 'backup', database: 'third', pairId: '' } as const
  for (let round = 0; round < 200; round++) {
    for (const _ of 'ab') stage.connect().say('nonsense')
    stage.greet({ ...backup, rights: 'none', known: {} }).end()
    stage.lab.advance(5)
  }
  t.ok(stage.server.log.lines.length < 100, `${stage.server.log.lines.length} lines`)
})

// ---- lifetimes that change while the two are connected

t.test('the partner hears of longer lifetimes at a reload, without a new meeting', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  const withLifetime = (lifetime: number) =>
    pairPlans(pairConfig({ mode: 'hot-standby', dhcp4: { 'valid-lifetime': lifetime } }))[0]!
  stage.lab.reload(withLifetime(300))
  t.same(partner.connection.said('lifetime'), [], 'what was said is enough')
  stage.lab.reload(withLifetime(86_400))
  t.match(partner.connection.said('lifetime'), [{ longest: 86_400 }])
  stage.lab.advance(1000)
  t.equal(partner.closed, '', 'a reload that leaves high availability alone leaves it alone')
  partner.connection.end()
  t.match(stage.greet().said('hello'), [{ longestLifetime: 86_400 }])
})

t.test('what the partner says of lifetimes is stored, and never gets shorter', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  partner.say({ type: 'lifetime', longest: 86_400 })
  partner.say({ type: 'lifetime', longest: 60 })
  stage.lab.advance(50)
  t.equal(stage.server.disk.pair?.longestLifetime, 86_400)
  partner.frame([leaseAt(MINE[0]!, 1, { validLifetime: 4_000_000 })])
  stage.lab.advance(50)
  t.equal(stage.server.disk.pair?.longestLifetime, 4_000_000, 'nor do its leases lie')
})

t.test('a backup gives no leases, so that its lifetimes are no matter', async (t) => {
  const stage = new Stage({ config: { backup: true } })
  const hello = { name: 'server3', role: 'backup', database: 'third', pairId: '' } as const
  const backup = stage.greet({ ...hello, rights: 'none', known: {} })
  stage.lab.advance(50)
  backup.say({ type: 'lifetime', longest: 0xffffffff })
  stage.lab.advance(50)
  t.equal(backup.closed, '')
  t.equal(stage.pair.record.longestLifetime, 600)
})

t.test('a backup knows how long leases of the active servers may be', async (t) => {
  const stage = new Stage({
    config: { backup: true },
    index: 2,
    record: { rights: 'none', noneBecause: 'lost', longestLifetime: 0 },
  })
  const hello = { name: 'server1', role: 'primary', longestLifetime: 7200 } as const
  const connection = stage.greet(hello)
  stage.lab.advance(50)
  t.equal(connection.closed, '')
  t.equal(stage.server.disk.pair?.longestLifetime, 7200)
})

t.test('a hello that was said before a reload agrees on nothing', async (t) => {
  const stage = new Stage()
  const dialled = stage.connect('server2')
  t.equal(dialled.said('hello').length, 1)
  const plan = pairPlans(pairConfig({ mode: 'hot-standby', dhcp4: { 'valid-lifetime': 7200 } }))[0]!
  stage.lab.reload(plan)
  dialled.say({ ...stage.hello() })
  t.equal(dialled.closed, 'overtaken')
})
