// What a file says of the pair moves no key (lib/ha/README.md, rules 2f and 9a): schedules as in
// pair-schedules.test.ts, numbered on, and every change of mode of one server and of both. S1 and
// S2 are server1 and server2, A and B clients; X is at home at S1, Y at S2.

import t, { type Test } from 'tap'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { INFINITE_LIFETIME } from '../../lib/time/units.ts'
import { type FileOfPair, MODES, plansUnder } from './pair-modes.ts'
import { playTwice, type Schedule } from './pair-play.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  hardwareAddress,
  only,
  poolOf,
  S1,
  S2,
  stage,
  X,
  X2,
  Y,
  Y2,
} from './pair-stage.ts'
import { freeHand, recordOf, type Weakness } from './pair-weakness.ts'

const POOL = poolOf(FOUR, HOUR)

/** A server that believes in rights which its database does not have. */
function believing(server: string, rights: 'shared' | 'sole', pairId = ''): Weakness {
  return {
    servers: [server],
    info: (said) => ({ ...said, pair: recordOf(server === S1 ? 0 : 1, { rights, pairId }) }),
  }
}

/** One server stops and starts with another file, or the same. */
function restart(lab: PairLab, server: number, file?: FileOfPair): void {
  lab.stop(server)
  lab.advance(2000)
  lab.start(server, file && plansUnder(file, POOL)[server])
  lab.advance(5000)
}

/**
 * Before anything else happens: new databases, and files that name no pair; undefined: the server
 * is off.
 */
function beginAlone(lab: PairLab, ...pools: (Partial<Dhcp4Document> | undefined)[]): void {
  for (const [server, pool] of pools.entries()) {
    lab.crash(server)
    lab.replaceDisk(server)
    if (pool !== undefined) lab.start(server, plansUnder('no pair', pool)[server])
  }
  lab.advance(1000)
}

/**
 * S1 served alone for a while, A and B have leases of it; both databases begin as its copies, as
 * after an import.
 */
function readInAtBoth(lab: PairLab): void {
  beginAlone(lab, POOL, undefined)
  const [a, b] = both(lab)
  bindAt(lab, a, S1, X)
  bindAt(lab, b, S1, Y)
  lab.stop(0)
  lab.advance(1000)
  const { rows, change, stamp } = lab.server(0).disk.snapshot()
  const own = lab.server(1).disk.snapshot()
  lab.server(1).disk.restore({ ...own, rows, change, stamp })
}

const SCHEDULES: readonly Schedule[] = [
  ...(['passive-backup', 'no pair'] as const).map(
    (file): Schedule => ({
      // S1 gets another file first; S2 goes on by the old one.
      name: `32 mode-of-one-changed: ${file}`,
      settings: stage(POOL),
      weakness: freeHand(S1),
      play: ({ lab, a, b, weaken, check }) => {
        restart(lab, 0, file)
        bindAt(lab, a, S2, Y)
        check(a.ipv4 === Y, 'A gets Y from S2')
        weaken()
        bindAt(lab, b, S1, Y)
        check(b.isBound && b.ipv4 !== Y, 'B gets what S1 has')
      },
    }),
  ),
  {
    // S1 has every key for maintenance; the file of S2 says meanwhile that nothing is replicated.
    name: '33 no-updates-over-no-rights',
    settings: stage(POOL),
    weakness: believing(S2, 'shared', 'made up'),
    play: ({ lab, a, b, weaken, check }) => {
      lab.server(0).server!.pair!.orders.startMaintenance(() => {})
      lab.advance(3000)
      lab.stop(1)
      lab.cutLink()
      bindAt(lab, a, S1, Y)
      check(a.ipv4 === Y, 'S1 gives what was of S2')
      weaken()
      lab.start(1, plansUnder('no updates', POOL)[1])
      lab.advance(5000)
      bindAt(lab, b, S2, Y)
      check(!b.isBound, 'S2 serves nobody')
    },
  },
  {
    // The backup's file makes it the primary; the primary goes on by the old one.
    name: '34 roles-of-one-swapped',
    settings: { ...stage(POOL), plans: plansUnder('passive-backup', POOL) },
    weakness: believing(S2, 'sole'),
    startsApart: true,
    play: ({ lab, a, b, weaken, check }) => {
      lab.advance(5000)
      bindAt(lab, a, S1, X)
      check(a.ipv4 === X, 'A gets X from S1')
      lab.stop(1)
      lab.advance(1000)
      lab.cutLink()
      a.stop()
      lab.advance(2000)
      // A lease that the backup has not heard of.
      bindAt(lab, lab.client(1), S1, X2)
      const [, taken] = both(lab)
      check(taken.ipv4 === X2, 'B gets X2 from S1')
      weaken()
      lab.start(1, plansUnder('roles swapped', POOL)[1])
      lab.advance(5000)
      only(lab, a, S2)
      a.machine.settings = { ...a.machine.settings, requestedAddress: X2 }
      a.forget()
      bind(lab, a, 30_000)
      check(!a.isBound, 'S2 serves nobody')
      check(b.ipv4 === X2, 'B keeps it')
    },
  },
  {
    // Kea's leases were read in on both hosts, and the link is blocked.
    name: '35 both-read-in',
    settings: stage(POOL),
    weakness: believing(S2, 'sole'),
    startsApart: true,
    play: ({ lab, a, b, weaken, check }) => {
      readInAtBoth(lab)
      lab.cutLink()
      weaken()
      for (const [server, plan] of plansUnder('load-balancing', POOL).entries())
        lab.start(server, plan)
      lab.advance(5000)
      lab.advance(HOUR_MS)
      check(a.ipv4 === X && b.isBound, 'S1 goes on serving')
      a.stop()
      b.stop()
      lab.advance(2 * HOUR_MS)
      bindAt(lab, a, S1, X2)
      check(a.ipv4 === X2, 'S1 gives addresses')
      bindAt(lab, b, S2, X2)
      check(!b.isBound, 'S2 waits')
    },
  },
  {
    // Two servers on their own become a pair: B has X2 of S2, S1 has never heard of it.
    name: '36 two-singles-meet',
    settings: stage(POOL),
    weakness: {
      servers: [S1],
      hears: (message) => (typeof message === 'string' ? message : undefined),
    },
    startsApart: true,
    play: ({ lab, a, b, weaken, check }) => {
      beginAlone(lab, poolOf([X, Y], HOUR), poolOf([X2], HOUR))
      bindAt(lab, a, S1, X)
      bindAt(lab, b, S2, X2)
      check(b.ipv4 === X2, 'B gets X2 from S2')
      for (const server of [1, 0]) lab.stop(server)
      lab.advance(1000)
      weaken()
      for (const server of [1, 0]) lab.start(server, plansUnder('load-balancing', POOL)[server])
      lab.advance(10_000)
      a.stop()
      bindAt(lab, lab.client(2), S1, X2)
      check(!lab.client(2).isBound || lab.client(2).ipv4 !== X2, 'nobody else gets it')
      check(`${lab.states()}` === 'load-balancing,load-balancing', 'they work together')
      lab.crash(1)
      only(lab, b, S1)
      lab.advance(2 * HOUR_MS)
      check(b.ipv4 === X2, 'B renews X2, at the other server too')
    },
  },
]

for (const schedule of SCHEDULES)
  t.test(schedule.name, async (t) => {
    const third = { name: 'C', hwAddress: hardwareAddress(0, 2), startDelayMax: 0, start: false }
    const clients = [...(schedule.settings.clients as object[]), third]
    const only4 = 'files of other modes and of one server are of DHCPv4'
    playTwice(t, { ...schedule, only4, settings: { ...schedule.settings, clients } })
  })

// ---- leases that are longer than what the file of the pair allows

const DAYS = 30 * 24 * HOUR

/**
 * A has X of S1, which served alone, for a month; from now on there is a pair, which gives leases
 * of an hour.
 */
function paired(t: Test, seconds: number): PairLab {
  const lab = createPair(stage(poolOf([X], HOUR), { renews: false }))
  beginAlone(lab, poolOf([X], seconds), undefined)
  const [a] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  a.stop()
  lab.stop(0)
  lab.advance(1000)
  for (const server of [1, 0])
    lab.start(server, plansUnder('load-balancing', poolOf([X], HOUR))[server])
  return lab
}

t.test('two that met while one had a lease for ever meet again', async (t) => {
  const lab = paired(t, INFINITE_LIFETIME)
  t.ok(lab.reachNormal())
  lab.cutLink()
  lab.advance(20_000)
  lab.healLink()
  t.ok(lab.reachNormal(), 'after a cut')
  lab.crash(0)
  lab.start(0)
  t.ok(lab.reachNormal(), 'after a crash')
  t.same(lab.invariants.violations, [])
})

t.test('the disk of a server that served alone dies at its first meeting', async (t) => {
  const lab = paired(t, DAYS)
  t.ok(lab.world.advanceUntil(() => (lab.server(1).disk.pair?.pairId ?? '') !== '', 20_000))
  lab.cutLink()
  lab.crash(0)
  lab.replaceDisk(0)
  t.notOk(lab.server(1).disk.durableRow(X), 'S2 has heard of no lease')
  lab.healLink()
  lab.start(0)
  t.ok(lab.reachNormal(60_000))
  const [, b] = both(lab)
  for (const server of [S1, S2]) t.notOk(bindAt(lab, b, server, X), 'the address rests')
  lab.advance(10 * HOUR_MS)
  t.notOk(b.isBound)
  t.same(lab.invariants.violations, [])
})

// ---- every change, of one server and of both

const OTHERS = MODES.filter((mode) => mode !== 'load-balancing')

for (const file of OTHERS)
  for (const order of [[0], [1], [0, 1], [1, 0]])
    t.test(`${file}, and back, at ${order.map((server) => `S${server + 1}`)}`, async (t) => {
      const lab = withClients(t)
      const before = lab.servers.map(({ disk }) => disk.pair?.rights)
      t.same(before, ['shared', 'shared'])
      for (const server of order) {
        restart(lab, server, file)
        lab.advance(120_000)
      }
      lab.advance(2 * HOUR_MS)
      const isBackup = file === 'passive-backup' && order.includes(1)
      const after = lab.servers.map(({ disk }) => disk.pair?.rights)
      t.same(after, ['shared', isBackup ? 'none' : 'shared'], 'nothing has moved')
      const bound = lab.clients.filter((client) => client.isBound).length
      t.ok(bound > 0, 'it is served')
      if (!isBackup) t.equal(bound, 4, 'known clients keep what they have')
      for (const server of order) restart(lab, server, 'load-balancing')
      t.ok(lab.reachNormal(60_000), 'the pair works again')
      lab.advance(2 * HOUR_MS + 60_000)
      t.equal(lab.clients.filter((client) => client.isBound).length, 4)
      lab.invariants.pair.markQuiet()
      lab.advance(2 * HOUR_MS)
      t.same(lab.invariants.pair.differences(), [])
      t.same(lab.invariants.violations, [])
    })

function withClients(t: Test): PairLab {
  const clients = Array.from({ length: 4 }, (_, nth) => ({
    name: `C${nth}`,
    hwAddress: hardwareAddress((nth % 2) as 0 | 1, nth),
    startDelayMax: 0,
  }))
  const lab = createPair({ ...stage(POOL), clients })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  lab.advance(10_000)
  return lab
}

// ---- no leases are told any more

for (const servers of [[0], [1], [0, 1]])
  t.test(`no updates from now on, at ${servers.map((one) => `S${one + 1}`)}`, async (t) => {
    const lab = createPair(stage(POOL))
    t.ok(lab.reachNormal())
    const [a, b] = both(lab)
    lab.server(0).server!.pair!.orders.startMaintenance(() => {})
    lab.advance(3000)
    lab.stop(1)
    t.ok(bindAt(lab, a, S1, Y), 'S1 gives what was of S2')
    const files = plansUnder('no updates', POOL)
    if (servers.includes(0)) restart(lab, 0, 'no updates')
    t.equal(lab.server(1).disk.pair?.rights, 'none')
    lab.start(1, servers.includes(1) ? files[1] : undefined)
    t.ok(reachNormalUntold(lab), 'they work together')
    t.equal(lab.server(1).disk.durableRow(Y)?.hwAddress, a.machine.settings.hwAddress)
    for (let minute = 0; minute < 5; minute++) {
      lab.advance(60_000)
      t.same(lab.states(), ['load-balancing', 'load-balancing'])
      t.equal(lab.status(1)!.ha!.partner!.trouble, '')
    }
    only(lab, b, S2)
    t.ok(bind(lab, b))
    t.equal(b.ipv4, Y2, 'and not what A has')
    lab.advance(5000)
    t.equal(lab.server(0).disk.durableRow(Y2)?.hwAddress, undefined, 'no row travels')
    t.same(lab.invariants.violations, [])
  })

function reachNormalUntold(lab: PairLab): boolean {
  return lab.world.advanceUntil(() => `${lab.states()}` === 'load-balancing,load-balancing', 20_000)
}

// ---- the words that are due

function say(lab: PairLab, server: number, word: 'confirmPartnerOff' | 'serveAlone' | 'endDoubt') {
  let answer: OrderResult | undefined
  lab.server(server).server!.pairing.orders![word]((result) => (answer = result))
  lab.world.advanceUntil(() => answer !== undefined, 1000)
  return answer
}

for (const file of ['no pair', 'passive-backup'] as const)
  t.test(`partner-off where the file says: ${file}`, async (t) => {
    const lab = withClients(t)
    lab.stop(1)
    restart(lab, 0, file)
    const status = lab.status(0)!
    const due = status.formerPair?.due ?? status.ha?.due
    t.equal(due, 'partner-off')
    // The word of an operator stands above the other database until the two meet.
    lab.invariants.pair.checksKeys = false
    t.match(say(lab, 0, 'serveAlone'), { allowed: false, why: /partner-off$/ })
    t.match(say(lab, 0, 'confirmPartnerOff'), { allowed: true })
    t.equal(lab.server(0).disk.pair?.rights, 'sole')
    t.match(say(lab, 0, 'confirmPartnerOff'), { allowed: false, why: /every right already$/ })
    const later = lab.status(0)!
    t.equal(later.formerPair?.due ?? later.ha?.due, '')
    lab.advance(3 * HOUR_MS)
    t.equal(lab.clients.filter((client) => client.isBound).length, 4, 'everything is given')
    restart(lab, 0)
    t.equal(lab.server(0).disk.pair?.rights, 'sole', 'and stays so')
    restart(lab, 0, 'load-balancing')
    lab.start(1)
    t.ok(lab.reachNormal(60_000), 'the partner gets its rights back')
    lab.invariants.pair.checksKeys = true
    lab.advance(2 * HOUR_MS)
    t.same(lab.invariants.violations, [])
  })

t.test(
  'a backup that is to serve is told so, and gives nothing new before old leases are over',
  async (t) => {
    const lab = createPair({ ...stage(POOL), plans: plansUnder('passive-backup', POOL) })
    lab.advance(5000)
    const [a, b] = both(lab)
    t.ok(bindAt(lab, a, S1, X))
    lab.advance(5000)
    lab.crash(0)
    restart(lab, 1, 'no pair')
    t.match(lab.status(1)?.formerPair, { rights: 'none', noneBecause: 'lost', due: 'partner-off' })
    only(lab, b, S2)
    t.notOk(bind(lab, b, 30_000), 'not yet')
    t.match(say(lab, 1, 'confirmPartnerOff'), { allowed: true })
    only(lab, a, S2)
    lab.advance(2 * HOUR_MS)
    t.equal(a.ipv4, X, 'A renews')
    t.ok(b.isBound, 'after the quarantine B is served')
    t.same(lab.invariants.violations, [])
  },
)

t.test(
  'the second of a pair that has rows of its own waits, and may be told to serve alone',
  async (t) => {
    const lab = createPair(stage(POOL))
    readInAtBoth(lab)
    lab.start(1, plansUnder('load-balancing', POOL)[1])
    lab.advance(5000)
    t.match(lab.status(1)?.ha, { rights: 'none', noneBecause: 'fresh', due: 'serve-alone' })
    restart(lab, 1, 'no pair')
    t.match(
      lab.status(1)?.formerPair,
      { rights: 'none', due: 'serve-alone' },
      'a file moves nothing',
    )
    t.match(say(lab, 1, 'confirmPartnerOff'), { allowed: false, why: /serve-alone$/ })
    t.match(say(lab, 1, 'serveAlone'), { allowed: true })
    const [a] = both(lab)
    only(lab, a, S2)
    lab.advance(2 * HOUR_MS)
    t.ok(a.isBound)
    t.same(lab.invariants.violations, [])
  },
)
