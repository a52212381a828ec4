// What is known of the partner's life: the tables, and short histories in milliseconds since the
// start.

import t from 'tap'
import { HA_STATES, type HaPlan } from '../../lib/config/plan/ha-plan.ts'
import { waitedOf } from '../../lib/dhcp4/waited.ts'
import { Contact } from '../../lib/ha/contact.ts'
import {
  CONTACT_KINDS,
  type ContactKind,
  DIAL_AFTER,
  type DialFailure,
  type DialResult,
  kindOf,
} from '../../lib/ha/contact-kinds.ts'
import { WaitingClients } from '../../lib/ha/waiting-clients.ts'
import { NEVER } from '../../lib/time/units.ts'
import { haPlan } from './ha-plans.ts'

/** Heartbeats 500, silence 3000, clients wait 2000: the latest takeover is 8000 after contact. */
const PLAN = haPlan('load-balancing', 'primary')
const PATIENT = haPlan('load-balancing', 'primary', { maxUnackedClients: 2 })

const DIALS: DialResult[] = ['none', 'refused', 'rejected', 'unreachable']
const FAILURES: DialFailure[] = ['refused', 'rejected', 'unreachable']

const GONE = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const

t.test('the kinds of contact: total, and no row is idle', async (t) => {
  const rows = new Set<(typeof CONTACT_KINDS)[number]>()
  const expected = (
    link: string,
    isEchoed: boolean,
    dial: string,
    isGone: boolean,
  ): ContactKind => {
    if (isGone) return 'left'
    if (link === 'open' && isEchoed) return 'connected'
    if (dial === 'refused') return 'refused'
    return link === 'never' ? 'never' : 'silent'
  }
  for (const link of ['never', 'closed', 'open'] as const)
    for (const isEchoed of [false, true])
      for (const dial of DIALS)
        for (const [hasLeft, isStuck] of GONE) {
          const facts = { link, isEchoed, dial, hasLeft, isStuck }
          const isGone = hasLeft || isStuck
          t.equal(kindOf(facts), expected(link, isEchoed, dial, isGone), JSON.stringify(facts))
          const row = CONTACT_KINDS.find(({ when }) =>
            Object.entries(when).every(
              ([name, value]) => facts[name as keyof typeof facts] === value,
            ),
          )
          t.equal(row?.kind, kindOf(facts))
          rows.add(row!)
        }
  t.equal(rows.size, CONTACT_KINDS.length)
})

t.test('what a failed dial makes of the former ones', async (t) => {
  for (const former of DIALS)
    for (const failure of FAILURES) {
      const isStillGone = former === 'refused' && failure === 'unreachable'
      t.equal(
        DIAL_AFTER[former][failure],
        isStillGone ? 'refused' : failure,
        `${former}, ${failure}`,
      )
    }
})

type Event = (contact: Contact, now: number) => void

const open: Event = (contact, now) => contact.opened(now)
const beat: Event = (contact, now) => {
  contact.heard(now)
  contact.echoed(now)
}
const stuck: Event = (contact, now) => contact.stuck(now)
const heard: Event = (contact, now) => contact.heard(now)
const close: Event = (contact, now) => contact.closed(now)
const leave: Event = (contact, now) => contact.leaving(now)
const dial =
  (failure: DialFailure): Event =>
  (contact, now) =>
    contact.dialFailed(failure, now)
const client =
  (name: string, secs: number): Event =>
  (contact, now) => {
    contact.clientSeen(name, waitedOf(secs), now)
  }
const watch: Event = (contact) => contact.watchClients(true)
const wake =
  (pausedAt: number): Event =>
  (contact, now) =>
    contact.resumed(pausedAt, now)
const look: Event = () => {}

/**
 * When, what happens, the kind after it, and when the takeover is or was; undefined: none in sight.
 */
type Line = readonly [at: number, event: Event, kind: ContactKind, takeoverAt: number | undefined]

const STORIES: Record<string, readonly [HaPlan, readonly Line[]]> = {
  'a lone server whose partner refuses takes over at once': [
    PLAN,
    [
      [0, look, 'never', 3000],
      [20, dial('refused'), 'refused', 20],
    ],
  ],
  'a lone server whose partner is unreachable waits for the silence, from its own start': [
    PLAN,
    [
      [20, dial('unreachable'), 'never', 3000],
      [2999, look, 'never', 3000],
      [3000, look, 'never', 3000],
    ],
  ],
  'a lone server that serves nobody does not wait for clients': [
    PATIENT,
    [[0, look, 'never', 3000]],
  ],
  'echoes keep the contact, and the last one counts': [
    PLAN,
    [
      [100, open, 'connected', undefined],
      [600, beat, 'connected', undefined],
      [3599, look, 'connected', undefined],
      [3600, look, 'silent', 3600],
      [3700, beat, 'connected', undefined],
    ],
  ],
  'a one-way cut: frames arrive, none is echoed': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [1000, heard, 'connected', undefined],
      [2900, heard, 'connected', undefined],
      [3000, heard, 'silent', 3000],
    ],
  ],
  'the process of the partner is killed': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [500, beat, 'connected', undefined],
      [700, close, 'silent', 3500],
      [701, dial('refused'), 'refused', 701],
      [900, dial('refused'), 'refused', 701],
    ],
  ],
  'refused, then the host goes too: its process is no less gone': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, close, 'silent', 3000],
      [110, dial('refused'), 'refused', 110],
      [400, dial('unreachable'), 'refused', 110],
    ],
  ],
  'refused, then rejected: there is a process again, so silence decides': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, close, 'silent', 3000],
      [110, dial('refused'), 'refused', 110],
      [400, dial('rejected'), 'silent', 3000],
    ],
  ],
  'a refusal beside a link that works is forgotten with the next frame': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, dial('refused'), 'connected', undefined],
      [500, beat, 'connected', undefined],
      [600, close, 'silent', 3500],
    ],
  ],
  'a refusal that is older than the link says nothing of it': [
    PLAN,
    [
      [50, dial('refused'), 'refused', 50],
      [100, open, 'connected', undefined],
      [200, close, 'silent', 3100],
    ],
  ],
  'a half-open link: the host has started anew without the server': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [3000, look, 'silent', 3000],
      [3100, dial('refused'), 'refused', 3100],
    ],
  ],
  'an orderly stop counts before the link is closed, and until the next hello': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, leave, 'left', 100],
      [101, heard, 'left', 100],
      [110, close, 'left', 100],
      [150, dial('refused'), 'left', 100],
      [5000, dial('unreachable'), 'left', 100],
      [9000, open, 'connected', undefined],
    ],
  ],
  'a partner that does not store is gone at once, and until the next hello': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, stuck, 'left', 100],
      [110, close, 'left', 100],
      [150, dial('refused'), 'left', 100],
      [9000, open, 'connected', undefined],
    ],
  ],
  'clients that wait in vain: more than the limit, after the silence': [
    PATIENT,
    [
      [0, watch, 'never', 8000],
      [0, open, 'connected', undefined],
      [10, client('a', 9), 'connected', undefined],
      [100, close, 'silent', 8000],
      [200, client('a', 3), 'silent', 8000],
      [300, client('b', 3), 'silent', 8000],
      [300, client('b', 9), 'silent', 8000],
      [400, client('c', 2), 'silent', 8000],
      [500, client('c', 3), 'silent', 3000],
      [3000, look, 'silent', 3000],
    ],
  ],
  'a quiet network fails over too': [
    PATIENT,
    [
      [0, watch, 'never', 8000],
      [1000, open, 'connected', undefined],
      [8999, look, 'silent', 9000],
      [9000, look, 'silent', 9000],
    ],
  ],
  'contact makes all clients count anew': [
    PATIENT,
    [
      [0, watch, 'never', 8000],
      [10, client('a', 9), 'never', 8000],
      [20, client('b', 9), 'never', 8000],
      [30, open, 'connected', undefined],
      [40, close, 'silent', 8030],
      [50, client('c', 9), 'silent', 8030],
      [60, client('d', 9), 'silent', 8030],
      [70, client('e', 9), 'silent', 3030],
    ],
  ],
  'a hot-standby primary cannot see its standby’s clients': [
    haPlan('hot-standby', 'primary', { maxUnackedClients: 10 }),
    [[0, watch, 'never', 3000]],
  ],
  'a standby can see the primary’s': [
    haPlan('hot-standby', 'standby', { maxUnackedClients: 10 }),
    [[0, watch, 'never', 8000]],
  ],
  'a pause of this process: one heartbeat to be heard again': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [500, beat, 'connected', undefined],
      [60_000, wake(900), 'connected', undefined],
      [60_499, look, 'connected', undefined],
      [60_500, look, 'silent', 60_500],
    ],
  ],
  'after a pause: whoever answers stays': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [60_000, wake(900), 'connected', undefined],
      [60_100, (contact) => contact.echoed(800), 'connected', undefined],
      [60_400, beat, 'connected', undefined],
      [63_399, look, 'connected', undefined],
    ],
  ],
  'after a pause: a proof that lay in the kernel is worth nothing': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [60_000, wake(900), 'connected', undefined],
      [60_100, (contact) => contact.echoed(800), 'connected', undefined],
      [60_500, look, 'silent', 60_500],
    ],
  ],
  'a pause while contact was lost: the takeover waits a heartbeat': [
    PATIENT,
    [
      [0, watch, 'never', 8000],
      [0, open, 'connected', undefined],
      [100, close, 'silent', 8000],
      [60_000, wake(200), 'silent', 60_500],
      [60_500, look, 'silent', 60_500],
    ],
  ],
  'a pause that begins just before the takeover holds it up': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, close, 'silent', 3000],
      [60_000, wake(3000), 'silent', 60_500],
    ],
  ],
  'a pause brings nothing back that was over before': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [3500, look, 'silent', 3000],
      [60_000, wake(3600), 'silent', 3000],
    ],
  ],
  'nothing is heard on a link that is gone': [
    PLAN,
    [
      [0, open, 'connected', undefined],
      [100, close, 'silent', 3000],
      [200, beat, 'silent', 3000],
    ],
  ],
}

for (const [promise, [plan, lines]] of Object.entries(STORIES))
  t.test(promise, async (t) => {
    const contact = new Contact(plan, 0)
    for (const [at, event, kind, takeoverAt] of lines) {
      event(contact, at)
      t.equal(contact.kind(at), kind, `${at}: ${kind}`)
      t.equal(contact.takeoverAt(at), takeoverAt, `${at}: takeover`)
      t.equal(contact.isConnected(at), kind === 'connected')
      t.equal(contact.isDown(at), takeoverAt !== undefined && takeoverAt <= at, `${at}: down`)
      const until = contact.deadline(at)
      if (kind === 'connected') t.ok(until > at && until <= at + 3000, `${at}: deadline`)
      else t.equal(until, takeoverAt! > at ? takeoverAt : NEVER, `${at}: deadline`)
      if (until === NEVER) continue
      const before = [contact.kind(until - 1), contact.isDown(until - 1)]
      t.same(before, [contact.kind(at), contact.isDown(at)], 'nothing changes before the deadline')
      const then = [contact.kind(until), contact.isDown(until)]
      t.notSame(then, before, 'at the deadline something does')
    }
  })

t.test('whatever happens short of contact, the takeover has its bound', async (t) => {
  const events: Event[] = [heard, close, ...FAILURES.map(dial), client('x', 0), look]
  for (const first of events)
    for (const second of events)
      for (const third of events) {
        const contact = new Contact(PATIENT, 0)
        contact.watchClients(true)
        contact.opened(0)
        first(contact, 1000)
        second(contact, 2000)
        third(contact, 4000)
        if (!contact.isDown(8000)) return t.fail([first, second, third].map(String).join('; '))
      }
  t.pass('8 s after contact')
})

t.test('who has left is gone since the first word of it', async (t) => {
  const contact = new Contact(PLAN, 0)
  contact.opened(0)
  contact.leaving(100)
  contact.leaving(200)
  contact.stuck(250)
  t.equal(contact.takeoverAt(300), 100)
  t.equal(contact.words(300), 'the partner said that it stops')
  contact.opened(400)
  contact.stuck(500)
  contact.leaving(600)
  t.equal(contact.takeoverAt(700), 500)
})

t.test('clients that wait', async (t) => {
  t.test('secs with its bytes swapped', async (t) => {
    const rows: [number, number][] = [
      [0, 0],
      [255, 255],
      [256, 1],
      [0x0300, 3],
      [0xff00, 255],
      [257, 257],
      [0x0301, 0x0301],
    ]
    for (const [secs, seconds] of rows) t.equal(waitedOf(secs), seconds * 1000, String(secs))
  })

  t.test('a client counts once, and what waits in vain stays so', async (t) => {
    const clients = new WaitingClients({ maxAckDelay: 10_000, maxUnackedClients: 10 })
    clients.note('a', 10_000)
    t.same([clients.analyzed, clients.connecting, clients.unacked], [1, 1, 0], 'not longer than')
    clients.note('a', 10_001)
    clients.note('a', 0)
    clients.note('b', 11_000)
    t.same([clients.analyzed, clients.connecting, clients.unacked], [4, 2, 2])
    clients.clear()
    t.same([clients.analyzed, clients.connecting, clients.unacked], [0, 0, 0])
  })

  t.test('a flood of names is bounded, and those in need are still counted', async (t) => {
    const clients = new WaitingClients({ maxAckDelay: 10_000, maxUnackedClients: 10 })
    for (let name = 0; name < 5000; name++) clients.note(`new ${name}`, 0)
    t.equal(clients.connecting, 1000)
    for (let name = 0; name < 5000; name++) clients.note(`needy ${name}`, 60_000)
    t.equal(clients.unacked, 1000)
    t.equal(clients.analyzed, 10_000)
    const many = new WaitingClients({ maxAckDelay: 10_000, maxUnackedClients: 4_294_967_295 })
    for (let name = 0; name < 70_000; name++) many.note(`needy ${name}`, 60_000)
    t.equal(many.unacked, 65_536)
  })

  t.test('the caller is told when the last one wanted has come', async (t) => {
    const contact = new Contact(PATIENT, 0)
    t.notOk(
      contact.clientSeen('z', waitedOf(9), 0),
      'nobody is watched while this server serves nobody',
    )
    contact.watchClients(true)
    const told = ['a', 'b', 'c', 'd'].map((name) => contact.clientSeen(name, waitedOf(9), 10))
    t.same(told, [false, false, true, false])
  })

  t.test('who waited while there was contact, or before it, proves nothing', async (t) => {
    const contact = new Contact(PATIENT, 0)
    contact.watchClients(true)
    contact.opened(0)
    for (const name of ['a', 'b', 'c']) t.notOk(contact.clientSeen(name, waitedOf(9), 100))
    t.equal(contact.takeoverAt(3000), 8000, 'they were the partner’s to answer')
    for (const name of ['a', 'b', 'c']) contact.clientSeen(name, waitedOf(9), 3500)
    t.equal(contact.takeoverAt(3500), 3000, 'enough of them')
    contact.echoed(3600)
    t.match(contact.report(3700), { kind: 'connected', unackedClients: 0, connectingClients: 0 })
    t.equal(contact.takeoverAt(6600), 11_600, 'others are waited for')
  })
})

t.test('the situation for the machine', async (t) => {
  const contact = new Contact(PLAN, 0)
  t.match(contact.situation(false, false, 0), {
    partner: 'unknown',
    isConnected: false,
    isDown: false,
    isSynced: false,
    hasRights: false,
  })
  t.match(contact.situation(false, false, 3000), { partner: 'unknown', isDown: true })
  contact.dialFailed('refused', 3100)
  t.match(contact.situation(false, true, 3100), {
    partner: 'unavailable',
    contact: 'the partner refused the connection',
    hasRights: true,
  })
  contact.opened(4000)
  t.equal(contact.situation(false, true, 4000).partner, 'unavailable', 'it has said nothing yet')
  for (const state of HA_STATES) {
    contact.told(state, [], 4000)
    t.equal(contact.situation(false, true, 4000).partner, state)
  }
  contact.closed(4100)
  t.equal(contact.situation(false, true, 4100).partner, 'unavailable')
})

t.test('a partner that is not ready for long', async (t) => {
  const contact = new Contact(PLAN, 0)
  const isSlow = (now: number) => contact.situation(true, true, now).isPartnerSlow
  contact.opened(0)
  contact.told('waiting', [], 0)
  contact.told('syncing', [], 1000)
  for (const at of [1000, 2000, 2800]) beat(contact, at)
  t.equal(contact.deadline(2800), 3000)
  t.notOk(isSlow(2999))
  t.ok(isSlow(3000))
  t.equal(contact.deadline(3000), 5800, 'the next is silence')
  contact.told('ready', [], 3100)
  t.notOk(isSlow(3100))
  contact.told('syncing', [], 3200)
  contact.resumed(3300, 60_000)
  t.notOk(isSlow(60_000), 'this server’s pause is not the partner’s')
  beat(contact, 60_100)
  t.ok(isSlow(60_500))
  contact.closed(60_600)
  t.notOk(isSlow(60_600), 'what is not there is not slow')
})

t.test('status and words', async (t) => {
  const contact = new Contact(PATIENT, 0)
  contact.watchClients(true)
  t.same(contact.report(1500), {
    kind: 'never',
    age: 1,
    inTouch: false,
    communicationInterrupted: true,
    lastState: '',
    lastScopes: [],
    analyzedPackets: 0,
    connectingClients: 0,
    unackedClients: 0,
    unackedClientsLeft: 3,
    takeoverIn: 6500,
  })
  contact.dialFailed('rejected', 1600)
  t.equal(
    contact.words(1600),
    'the partner has not been met since the start, it rejects this server',
  )
  contact.opened(2000)
  contact.told('load-balancing', ['server2'], 2000)
  t.match(contact.report(4999), {
    kind: 'connected',
    age: 2,
    inTouch: true,
    communicationInterrupted: false,
    lastState: 'load-balancing',
    lastScopes: ['server2'],
    unackedClientsLeft: 0,
    takeoverIn: undefined,
  })
  t.equal(contact.words(4999), 'the partner is connected')
  contact.heard(5000)
  t.equal(contact.words(5100), 'the partner is heard, but does not hear this server')
  t.equal(contact.words(7000), 'no sign of the partner for 2.0 s')
  contact.closed(7000)
  contact.dialFailed('unreachable', 7500)
  contact.clientSeen('a', waitedOf(9), 7500)
  contact.clientSeen('b', waitedOf(1), 7500)
  t.equal(
    contact.words(7500),
    'no sign of the partner for 2.5 s, the link ended 0.5 s ago, its host does not answer, ' +
      '1 of its clients wait in vain',
  )
  t.match(contact.report(7500), {
    analyzedPackets: 2,
    connectingClients: 2,
    unackedClients: 1,
    unackedClientsLeft: 2,
    takeoverIn: 2500,
  })
  t.match(contact.report(20_000), { takeoverIn: 0, unackedClientsLeft: 2 })
  contact.opened(21_000)
  contact.leaving(21_000)
  t.equal(contact.words(21_000), 'the partner said that it stops')
})
