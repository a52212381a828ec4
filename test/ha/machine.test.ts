// Who answers whom: the hash, the states, the table of the machine and what two machines make of
// it.

import t from 'tap'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { HA_STATES, type HaPlan, type HaState } from '../../lib/config/plan/ha-plan.ts'
import { NO_OWNER, ownerOf, pearson } from '../../lib/ha/hash.ts'
import { HaMachine, type StateChange } from '../../lib/ha/machine.ts'
import { MAINTENANCE } from '../../lib/ha/maintenance.ts'
import { failoverScopes, maskOfNames, ownScopes, scopesOfMask } from '../../lib/ha/scopes.ts'
import { type PartnerState, partnerSeen, type Situation } from '../../lib/ha/situation.ts'
import { STATES, wordsFor } from '../../lib/ha/states.ts'
import {
  COLUMNS,
  CONDITIONS,
  type Move,
  nextMove,
  TRANSITIONS,
  targetOf,
  WITHOUT_RIGHTS,
} from '../../lib/ha/transitions.ts'
import { haPlan, withoutFailover } from './ha-plans.ts'

const BALANCED = haPlan('load-balancing', 'primary')
const SECOND = haPlan('load-balancing', 'secondary')
const ACTIVE = haPlan('hot-standby', 'primary')
const STANDBY = haPlan('hot-standby', 'standby')
const PASSIVE = haPlan('passive-backup', 'primary')
const BACKUP = haPlan('hot-standby', 'backup')

const PLANS: HaPlan[] = [
  BALANCED,
  SECOND,
  ACTIVE,
  STANDBY,
  PASSIVE,
  BACKUP,
  haPlan('load-balancing', 'primary', { delayedUpdatesLimit: 0 }),
  haPlan('load-balancing', 'secondary', { syncLeases: false, sendLeaseUpdates: false }),
  withoutFailover(SECOND),
]

const PARTNERS: PartnerState[] = [...HA_STATES, 'unavailable', 'unknown']

const FINE: Situation = {
  partner: 'unknown',
  isConnected: true,
  isDown: false,
  isPartnerSlow: false,
  contact: 'the partner refused the connection',
  isSynced: true,
  hasRights: true,
}

const GONE: Situation = { ...FINE, partner: 'unavailable', isConnected: false, isDown: true }

function* situations(): Generator<Situation> {
  for (const partner of PARTNERS)
    for (let bits = 0; bits < 32; bits++)
      yield {
        ...FINE,
        partner,
        isConnected: (bits & 1) !== 0,
        isDown: (bits & 2) !== 0,
        isPartnerSlow: (bits & 4) !== 0,
        isSynced: (bits & 8) !== 0,
        hasRights: (bits & 16) !== 0,
      }
}

/** The moves that a server in this state makes, as the machine does. */
function* movesFrom(plan: HaPlan, from: HaState, situation: Situation): Generator<[Move, HaState]> {
  let state = from
  for (;;) {
    const lacksRights = STATES[state].needsRights && !situation.hasRights
    const move = lacksRights
      ? WITHOUT_RIGHTS
      : nextMove(plan, state, partnerSeen(plan, situation), situation)
    if (move === undefined) return
    state = targetOf(plan, move)
    yield [move, state]
  }
}

function settled(plan: HaPlan, from: HaState, situation: Situation): HaState {
  return [...movesFrom(plan, from, situation)].at(-1)?.[1] ?? from
}

t.test('RFC 3074 §6: the hash and the owner', async (t) => {
  const vectors: [hex: string, hash: number, owner: number][] = [
    ['000c01020304', 131, 1],
    ['000c01020305', 208, 0],
    ['08002b023f4e', 249, 1],
    ['525400123456', 156, 0],
    ['01525400123456', 253, 1],
    ['ff11223344', 155, 1],
    ['00010001c7fcb80e080027000001', 248, 0],
    ['00030001525400123456', 175, 1],
    ['00', 175, 1],
    ['ff', 234, 0],
    ['0102', 170, 0],
  ]
  for (const [hex, hash, owner] of vectors) {
    const key = octetsFromHex(hex)!
    t.equal(pearson(key), hash, hex)
    t.equal(ownerOf(BALANCED, key, ''), owner, `${hex} as a client-id`)
    t.equal(ownerOf(SECOND, undefined, key), owner, `${hex} as a hardware address`)
    t.equal(ownerOf(SECOND, '', key), owner, 'an empty client-id is none')
    t.equal(ownerOf(BALANCED, key, octetsFromHex('525400123456')!), owner, 'the client-id decides')
  }
  const long = pearson('\0'.repeat(256))
  t.ok(Number.isInteger(long) && long >= 0 && long < 256, 'long identifiers have a hash too')
  t.equal(ownerOf(BALANCED, undefined, ''), NO_OWNER, 'neither')
  for (const plan of [ACTIVE, STANDBY, PASSIVE])
    t.equal(ownerOf(plan, octetsFromHex('00')!, ''), 0, `${plan.mode}: always the primary`)
  t.equal(ownerOf(ACTIVE, undefined, ''), 0)
})

t.test('scopes', async (t) => {
  const own = [BALANCED, SECOND, ACTIVE, STANDBY, PASSIVE, BACKUP].map(ownScopes)
  t.same(own, [1, 2, 1, 0, 1, 0])
  const all = [BALANCED, SECOND, ACTIVE, STANDBY, PASSIVE].map(failoverScopes)
  t.same(all, [3, 3, 1, 1, 1])
  t.same(scopesOfMask(BALANCED, 3), [0, 1])
  t.equal(maskOfNames(BALANCED, ['server2']), 2)
  t.equal(maskOfNames(BALANCED, []), 0)
  t.equal(maskOfNames(BALANCED, ['HA_server2']), undefined, 'names are plain')
})

t.test('the table', async (t) => {
  t.test('is total and leads nowhere unknown', async (t) => {
    t.same(Object.keys(TRANSITIONS).sort(), [...HA_STATES].sort())
    t.same(Object.keys(STATES).sort(), [...HA_STATES].sort())
    t.same(Object.keys(MAINTENANCE).sort(), [...HA_STATES].sort())
    for (const [state, row] of Object.entries(TRANSITIONS)) {
      t.equal(row.length, COLUMNS.length, state)
      for (const cell of row) t.ok(Array.isArray(cell), state)
      for (const { to, why, when } of row.flat()) {
        t.ok(to === 'normal' || HA_STATES.includes(to), `${state}: ${to}`)
        t.ok(why.length > 5, `${state}: a reason`)
        for (const name of when) t.ok(name in CONDITIONS, name)
      }
    }
  })

  t.test('settles in every situation, and every move is made in some', async (t) => {
    const made = new Set<Move>()
    let longest = 0
    for (const plan of PLANS)
      for (const from of HA_STATES)
        for (const situation of situations()) {
          const seen = new Set([from])
          for (const [move, state] of movesFrom(plan, from, situation)) {
            made.add(move)
            if (seen.has(state)) return t.fail(`${from} comes back to ${state}`, { situation })
            seen.add(state)
          }
          longest = Math.max(longest, seen.size - 1)
        }
    t.equal(longest, 3, 'the machine allows for 8 moves')
    for (const [state, row] of Object.entries(TRANSITIONS))
      for (const move of row.flat()) t.ok(made.has(move), `${state}: ${move.why}`)
    const used = new Set([...made].flatMap(({ when }) => when))
    t.same([...used].sort(), Object.keys(CONDITIONS).sort(), 'no condition is idle')
  })

  t.test('never serves without rights, and never stays in a state that serves', async (t) => {
    for (const plan of PLANS)
      for (const from of HA_STATES)
        for (const situation of situations()) {
          if (situation.hasRights) continue
          const state = settled(plan, from, situation)
          if (STATES[state].serves !== 'none' || state === 'ready')
            return t.fail(`${from} -> ${state}`, { situation })
        }
    t.pass('in no situation')
  })

  t.test('no server that serves stops in order to be brought up to date', async (t) => {
    const serving = HA_STATES.filter((state) => STATES[state].serves !== 'none')
    for (const plan of PLANS.slice(0, 4))
      for (const from of serving)
        for (const situation of situations()) {
          if (!situation.hasRights) continue
          const state = settled(plan, from, situation)
          if (STATES[state].serves === 'none') return t.fail(`${from} -> ${state}`, { situation })
        }
    t.pass('in no situation')
  })

  t.test('whoever may take over does, from every state that can', async (t) => {
    for (const plan of [BALANCED, SECOND, ACTIVE, STANDBY])
      for (const from of HA_STATES) {
        if (from === 'backup' || from === 'passive-backup') continue
        t.equal(settled(plan, from, GONE), 'partner-down', from)
        t.equal(settled(plan, from, { ...GONE, partner: 'ready' }), 'partner-down', from)
        const isAsked = from !== 'partner-in-maintenance'
        const unmet = settled(plan, from, { ...GONE, partner: 'unknown' })
        t.equal(unmet, isAsked ? 'partner-down' : from, `${from}, never met`)
      }
  })

  const CODES: Record<string, HaState> = {
    W: 'waiting',
    S: 'syncing',
    R: 'ready',
    N: 'load-balancing',
    C: 'communication-recovery',
    D: 'partner-down',
    P: 'partner-in-maintenance',
    I: 'in-maintenance',
    T: 'terminated',
    B: 'backup',
    p: 'passive-backup',
  }
  const columns: PartnerState[] = [
    ...(['waiting', 'syncing', 'ready', 'load-balancing', 'communication-recovery'] as const),
    ...(['partner-down', 'in-maintenance', 'partner-in-maintenance', 'terminated'] as const),
    ...(['unavailable', 'unknown', 'hot-standby', 'backup'] as const),
  ]
  const golden: [what: string, situation: Situation, rows: Record<string, string>][] = [
    [
      'where all is stored, and the partner is not down',
      FINE,
      {
        //   W S R N C D I P T unavailable unknown other-mode backup
        W: 'R R N N N R P R T W W W W',
        S: 'R R N N N R P R T S S S S',
        R: 'R R N N N R P R T R R R R',
        N: 'D D N N N N P N T C N N N',
        C: 'D D N N N N P N T C C C C',
        D: 'D D N N N N P D T D D D D',
        P: 'D D N N N N P D T D P P P',
        I: 'I I I I I I I I I I I I I',
        T: 'D D N N N N P D T T T T T',
        p: 'p p p p p p p p p p p p p',
        B: 'B B B B B B B B B B B B B',
      },
    ],
    [
      'where much is still to come',
      { ...FINE, isSynced: false },
      {
        W: 'S S S S S S S S T W W W W',
        S: 'S S S S S S S S T S S S S',
        R: 'R R N N N R P R T R R R R',
        N: 'D D N N N N P N T C N N N',
        D: 'D D N N N N P D T D D D D',
      },
    ],
    [
      'where both still have much to come',
      { ...FINE, isSynced: false, isPartnerSlow: true },
      { W: 'D D S S S S S S T W W W W', S: 'D D S S S S S S T S S S S' },
    ],
    [
      'where only the partner still has much to come',
      { ...FINE, isPartnerSlow: true },
      { W: 'D D N N N R P R T W W W W', R: 'D D N N N R P R T R R R R' },
    ],
    [
      'without rights',
      { ...FINE, hasRights: false },
      {
        W: 'S S S S S S S S W W W W W',
        S: 'S S S S S S S S S S S S S',
        N: 'S S S S S S S S W W W W W',
        D: 'S S S S S S S S W W W W W',
        I: 'I I I I I I I I I I I I I',
        B: 'B B B B B B B B B B B B B',
      },
    ],
  ]
  for (const [what, situation, rows] of golden)
    t.test(`settles ${what}`, async (t) => {
      for (const [from, row] of Object.entries(rows)) {
        const expected = row.split(' ').map((code) => CODES[code])
        const found = columns.map((partner) =>
          settled(BALANCED, CODES[from]!, { ...situation, partner }),
        )
        t.same(found, expected, CODES[from]!)
      }
    })

  t.test('settles in hot-standby as in load-balancing, without a recovery', async (t) => {
    for (const plan of [ACTIVE, STANDBY])
      for (const isDown of [false, true])
        for (const partner of PARTNERS) {
          const situation = { ...FINE, isDown, partner }
          const twin = partner === 'hot-standby' ? 'load-balancing' : partner
          const found = settled(plan, 'hot-standby', situation)
          let expected = settled(BALANCED, 'load-balancing', { ...situation, partner: twin })
          const isMisfit = partner === 'load-balancing' || partner === 'communication-recovery'
          if (isMisfit) expected = isDown ? 'partner-down' : 'hot-standby'
          if (expected === 'communication-recovery') expected = 'hot-standby'
          if (expected === 'load-balancing') expected = 'hot-standby'
          t.equal(found, expected, `${partner}, ${isDown}`)
        }
  })

  t.test('partner states of another mode say nothing', async (t) => {
    t.equal(partnerSeen(ACTIVE, { ...FINE, partner: 'load-balancing' }), 'unknown')
    t.equal(partnerSeen(ACTIVE, { ...FINE, partner: 'communication-recovery' }), 'unknown')
    t.equal(partnerSeen(ACTIVE, { ...FINE, partner: 'hot-standby' }), 'hot-standby')
    t.equal(partnerSeen(BALANCED, { ...FINE, partner: 'hot-standby' }), 'unknown')
    t.equal(partnerSeen(ACTIVE, { ...FINE, partner: 'ready', isConnected: false }), 'unavailable')
  })
})

// ---- two of them

interface Half {
  readonly state: HaState
  /** What it knows of the other, undefined before the hello. */
  readonly seen: HaState | undefined
  readonly isSynced: boolean
  /** A server without gets its rights with the last row. */
  readonly hasRights: boolean
  /** What it has said that the other has not read yet. */
  readonly said: readonly HaState[]
}

type Two = readonly [Half, Half]

/** One thing that may happen next to the server `at`, for each such thing. */
function nextOf(plans: readonly [HaPlan, HaPlan], two: Two, at: 0 | 1): Two[] {
  const mine = two[at]
  const theirs = two[1 - at]!
  const results: Two[] = []
  const step = (half: Half, others: Half, isPartnerSlow: boolean) => {
    if (half.seen === undefined) return
    const { isSynced, seen } = half
    const state = settled(plans[at], half.state, {
      ...FINE,
      partner: seen,
      isSynced,
      isPartnerSlow,
    })
    const said = state === half.state ? half.said : [...half.said, state]
    const next = { ...half, state, said }
    results.push(at === 0 ? [next, others] : [others, next])
  }
  const [first, ...rest] = theirs.said
  if (first !== undefined) step({ ...mine, seen: first }, { ...theirs, said: rest }, false)
  if (!mine.isSynced && mine.seen !== undefined)
    step({ ...mine, isSynced: true, hasRights: true }, theirs, false)
  const isOnItsWay = mine.seen === 'waiting' || mine.seen === 'syncing'
  if (isOnItsWay) step(mine, theirs, true)
  return results
}

/**
 * Every order of events from this beginning: the pairs of states where nothing is left to happen.
 */
function endsOf(
  plans: readonly [HaPlan, HaPlan],
  start: Two,
): { ends: Set<string>; loop: boolean } {
  const ends = new Set<string>()
  const open = new Set<string>()
  const done = new Set<string>()
  let loop = false
  const visit = (two: Two): void => {
    const key = JSON.stringify(two)
    if (open.has(key)) loop = true
    if (open.has(key) || done.has(key)) return
    open.add(key)
    const nexts = [...nextOf(plans, two, 0), ...nextOf(plans, two, 1)].filter(
      (next) => JSON.stringify(next) !== key,
    )
    if (nexts.length === 0) ends.add(`${two[0].state} ${two[1].state}`)
    for (const next of nexts) visit(next)
    open.delete(key)
    done.add(key)
  }
  visit(start)
  return { ends, loop }
}

t.test('two servers that meet in any two states', async (t) => {
  const states = HA_STATES.filter((s) => !['passive-backup', 'backup', 'terminated'].includes(s))
  const pairs: [HaPlan, HaPlan][] = [
    [BALANCED, SECOND],
    [ACTIVE, STANDBY],
  ]
  for (const plans of pairs) {
    const normal = plans[0].mode
    for (const a of states)
      for (const b of states) {
        const hidden = plans[0].mode === 'hot-standby' ? 'load-balancing' : 'hot-standby'
        if (a === hidden || b === hidden) continue
        if (normal === 'hot-standby' && [a, b].includes('communication-recovery')) continue
        let expected = `${normal} ${normal}`
        if (a === 'in-maintenance') expected = 'in-maintenance partner-in-maintenance'
        if (b === 'in-maintenance') expected = 'partner-in-maintenance in-maintenance'
        if (a === b && a === 'in-maintenance') expected = 'in-maintenance in-maintenance'
        const half = (state: HaState, hasRights: boolean): Half => ({
          state,
          seen: undefined,
          isSynced: false,
          hasRights,
          said: [state],
        })
        for (const hasRights of [true, false]) {
          const { ends, loop } = endsOf(plans, [half(a, true), half(b, hasRights)])
          t.notOk(loop, `${a} and ${b} come to rest`)
          t.same([...ends], [expected], `${a} and ${b}${hasRights ? '' : ' without rights'}`)
        }
      }
  }
})

// ---- histories

/** A server with its history; `see` is a step. */
function server(plan: HaPlan) {
  const changes: StateChange[] = []
  const machine = new HaMachine(plan, (change) => changes.push(change))
  const see = (partner: PartnerState, more: Partial<Situation> = {}): HaState => {
    machine.step({ ...FINE, partner, isConnected: partner !== 'unavailable', ...more })
    return machine.state
  }
  return { machine, changes, see }
}

function normal(plan: HaPlan) {
  const it = server(plan)
  it.see('ready')
  t.equal(it.machine.state, plan.mode)
  return it
}

t.test('histories of one server', async (t) => {
  t.test('start with a fresh partner, step by step', async (t) => {
    const { machine, see, changes } = server(SECOND)
    t.equal(machine.state, 'waiting')
    t.same(machine.servesScopes, [])
    t.equal(see('unknown', { hasRights: false, isConnected: false }), 'waiting')
    t.equal(see('waiting', { isSynced: false }), 'syncing')
    t.equal(see('syncing', { isSynced: true }), 'ready')
    t.equal(see('ready'), 'load-balancing')
    t.same(machine.servesScopes, [1])
    t.same(machine.scopeNames, ['server2'])
    t.notOk(machine.serves(0))
    t.ok(machine.serves(1))
    t.notOk(machine.serves(NO_OWNER))
    t.same(changes[0], {
      from: 'waiting',
      to: 'syncing',
      why: 'the partner is there',
      partner: 'waiting',
    })
    t.equal(machine.why, changes.at(-1)!.why)
  })

  t.test('the partner dies and comes back', async (t) => {
    const { machine, see } = normal(BALANCED)
    t.equal(see('unavailable'), 'communication-recovery')
    t.same(machine.servesScopes, [0], 'its own clients only, until the partner is known to be gone')
    t.equal(see('unavailable', { isDown: true }), 'partner-down')
    t.equal(machine.why, 'takes over: the partner refused the connection')
    t.same(machine.servesScopes, [0, 1])
    for (const partner of ['waiting', 'syncing'] as const) t.equal(see(partner), 'partner-down')
    t.ok(machine.serves(1), 'serves all until the partner is ready')
    t.equal(see('ready'), 'load-balancing')
    t.same(machine.servesScopes, [0])
  })

  t.test('contact is lost for a moment', async (t) => {
    const { see } = normal(BALANCED)
    t.equal(see('load-balancing', { isConnected: false }), 'communication-recovery')
    t.equal(see('communication-recovery'), 'load-balancing')
    const plain = normal(haPlan('load-balancing', 'primary', { delayedUpdatesLimit: 0 }))
    t.equal(plain.see('unavailable'), 'load-balancing')
    const standby = normal(STANDBY)
    t.equal(standby.see('unavailable'), 'hot-standby')
  })

  t.test('a cut that heals: nobody stops', async (t) => {
    const { machine, see, changes } = normal(STANDBY)
    t.same(machine.servesScopes, [])
    see('unavailable', { isDown: true })
    t.same(machine.servesScopes, [0])
    t.equal(see('partner-down', { isSynced: false }), 'hot-standby')
    t.notOk(changes.slice(3).some(({ to }) => STATES[to].serves === 'none'))
  })

  t.test('a quick restart of the partner leaves nobody alone', async (t) => {
    const { machine, see } = normal(STANDBY)
    t.equal(see('waiting'), 'partner-down', 'no takeover time has to pass')
    t.ok(machine.serves(0))
    t.equal(see('ready'), 'hot-standby')
  })

  t.test('two that start with much to tell each other do not wait for it', async (t) => {
    const { see } = server(BALANCED)
    t.equal(see('syncing', { isSynced: false }), 'syncing')
    t.equal(see('syncing', { isSynced: false, isPartnerSlow: true }), 'partner-down')
    t.equal(see('partner-down', { isSynced: false }), 'load-balancing')
  })

  t.test('auto-failover: false keeps to its own clients', async (t) => {
    const { machine, see } = normal(withoutFailover(SECOND))
    t.equal(see('unavailable', { isDown: true }), 'partner-down')
    t.same(machine.servesScopes, [1])
    const standby = normal(withoutFailover(STANDBY))
    standby.see('unavailable', { isDown: true })
    t.same(standby.machine.servesScopes, [])
    t.equal(standby.machine.words, 'standby, partner down')
  })

  t.test('terminated is the partner’s word and ends with it', async (t) => {
    const { machine, see } = normal(SECOND)
    t.equal(see('terminated'), 'terminated')
    t.same(machine.servesScopes, [1])
    t.notOk(machine.row.sendsRows || machine.row.awaitsPartner)
    t.equal(see('terminated'), 'terminated')
    t.equal(see('waiting'), 'partner-down')
    t.equal(see('ready'), 'load-balancing')
    const late = server(SECOND)
    t.equal(late.see('terminated'), 'terminated', 'no ten minutes of silence')
  })

  t.test('rights that are lost end the service at once, paused or not', async (t) => {
    const pauses = new Map([['load-balancing', 'always']] as const)
    const { machine, see } = normal(haPlan('load-balancing', 'primary', { pauses }))
    t.ok(machine.isPaused)
    t.equal(see('load-balancing', { hasRights: false, isConnected: false }), 'waiting')
    t.same(machine.servesScopes, [])
    t.match(machine.why, /no rights/)
    t.equal(see('load-balancing', { hasRights: false }), 'syncing')
  })

  t.test('roles without a partner', async (t) => {
    const backup = server(BACKUP)
    t.equal(backup.see('unknown', { hasRights: false, isConnected: false }), 'backup')
    t.same(backup.machine.servesScopes, [])
    const alone = server(PASSIVE)
    t.equal(alone.see('unknown', { hasRights: false, isConnected: false }), 'waiting')
    t.equal(alone.see('unknown', { isConnected: false }), 'passive-backup')
    t.same(alone.machine.servesScopes, [0])
    t.notOk(alone.machine.startMaintenance().allowed)
  })

  t.test('a shared lease database: heartbeats and takeover only', async (t) => {
    const more = { sendLeaseUpdates: false, syncLeases: false }
    const { see, changes } = server(haPlan('load-balancing', 'primary', more))
    t.equal(see('ready', { isSynced: false }), 'load-balancing')
    t.same(
      changes.map(({ to }) => to),
      ['ready', 'load-balancing'],
    )
  })
})

t.test('operations', async (t) => {
  t.test('pauses: once, always, ha-continue', async (t) => {
    const pauses = new Map([
      ['ready', 'once'],
      ['load-balancing', 'always'],
    ] as const)
    const { machine, see } = server(haPlan('load-balancing', 'primary', { pauses }))
    t.equal(see('ready'), 'ready')
    t.ok(machine.isPaused)
    t.equal(see('unavailable', { isDown: true }), 'ready', 'no transition while paused')
    t.ok(machine.continue())
    t.notOk(machine.continue())
    t.equal(see('ready'), 'load-balancing')
    t.equal(see('unavailable', { isDown: true }), 'load-balancing')
    machine.reset()
    t.notOk(machine.isPaused, 'a new state, a new pause')
    t.equal(see('ready'), 'load-balancing', 'ready paused once')
    t.ok(machine.isPaused, 'this one pauses each time')
    const waits = server(
      haPlan('hot-standby', 'primary', { pauses: new Map([['waiting', 'once']] as const) }),
    )
    t.equal(waits.see('ready'), 'waiting', 'the first state can pause too')
  })

  t.test('ha-reset', async (t) => {
    const { machine, see, changes } = normal(SECOND)
    t.ok(machine.reset())
    t.equal(machine.state, 'waiting')
    t.notOk(machine.reset())
    t.ok(machine.step({ ...FINE, partner: 'waiting' }), 'the step tells of the reset too')
    t.equal(see('load-balancing'), 'load-balancing')
    t.equal(changes[3]!.why, 'reset by an operator')
  })

  t.test('ha-scopes lasts until the state changes', async (t) => {
    const { machine, see } = normal(BALANCED)
    t.same(machine.setScopes(['nobody']), { allowed: false, why: 'no peer has this name' })
    t.same(machine.servesScopes, [0])
    t.ok(machine.setScopes(['server2']).allowed)
    t.same(machine.servesScopes, [1])
    t.equal(machine.words, "serving the partner's half")
    t.ok(machine.step({ ...FINE, partner: 'load-balancing' }), 'the partner must hear of it')
    t.notOk(machine.step({ ...FINE, partner: 'load-balancing' }))
    t.same(machine.servesScopes, [1])
    see('unavailable', { isDown: true })
    t.same(machine.servesScopes, [0, 1])
    const bare = server(BALANCED)
    t.notOk(bare.machine.setScopes(['server1']).allowed, 'not without rights')
    t.ok(bare.machine.setScopes([]).allowed)
    const { machine: waiting } = server(BALANCED)
    waiting.step(FINE)
    t.equal(waiting.state, 'waiting')
    t.ok(waiting.setScopes(['server1']).allowed)
    waiting.step({ ...FINE, hasRights: false })
    t.same(waiting.servesScopes, [], 'nor longer than there are rights')
  })

  t.test('maintenance: refused where Kea refuses it', async (t) => {
    const steps = (state: HaState) =>
      (['start', 'cancel', 'leave', 'resume'] as const).filter(
        (step) => MAINTENANCE[state][step] === '',
      )
    const usual = ['start', 'leave']
    const exceptions: Partial<Record<HaState, string[]>> = {
      'partner-in-maintenance': ['cancel'],
      'in-maintenance': ['leave', 'resume'],
      terminated: [],
      'passive-backup': [],
      backup: [],
    }
    for (const state of HA_STATES) t.same(steps(state), exceptions[state] ?? usual, state)
    const { machine } = server(BALANCED)
    t.notOk(machine.startMaintenance().allowed, 'a server without rights cannot stay alone')
  })

  t.test('maintenance of the partner, begun and cancelled', async (t) => {
    const stays = normal(withoutFailover(BALANCED))
    const leaves = normal(SECOND)
    t.ok(stays.machine.startMaintenance().allowed)
    t.same(leaves.machine.partnerStartsMaintenance(), { allowed: true, why: '' })
    t.same(leaves.machine.servesScopes, [])
    t.ok(stays.machine.maintenanceAnswered('allowed'))
    t.same(stays.machine.servesScopes, [0, 1], 'an operator’s word, whatever auto-failover says')
    t.equal(stays.see('load-balancing'), 'partner-in-maintenance', 'what it said before is old')
    t.equal(stays.see('in-maintenance'), 'partner-in-maintenance')
    t.equal(leaves.see('partner-in-maintenance', { hasRights: false }), 'in-maintenance')

    t.ok(stays.machine.cancelMaintenance().allowed)
    t.ok(leaves.machine.partnerCancelsMaintenance().allowed)
    t.equal(leaves.see('partner-in-maintenance'), 'waiting', 'the partner does not know yet')
    t.ok(stays.machine.maintenanceAnswered('allowed'))
    t.equal(stays.see('in-maintenance'), 'partner-down', 'what it said before is old')
    t.same(stays.machine.servesScopes, [0, 1], 'until the partner is ready')
    t.equal(leaves.see('partner-down', { hasRights: false }), 'syncing')
    t.equal(leaves.see('partner-down'), 'ready')
    t.equal(stays.see('ready'), 'load-balancing')
    t.equal(leaves.see('load-balancing'), 'load-balancing')
  })

  t.test('maintenance that comes to nothing', async (t) => {
    const { machine, see } = normal(BALANCED)
    machine.startMaintenance()
    t.notOk(machine.maintenanceAnswered('refused'))
    t.equal(machine.state, 'load-balancing')
    machine.startMaintenance()
    t.notOk(machine.partnerStartsMaintenance().allowed, 'both at once: neither')
    t.ok(machine.maintenanceAnswered('no-answer'))
    t.equal(machine.state, 'partner-down', 'it is about to be switched off')
    t.ok(machine.partnerStartsMaintenance().allowed)
    t.notOk(machine.maintenanceAnswered('allowed'), 'nothing was asked')
    t.equal(see('unavailable', { isDown: true, hasRights: false }), 'in-maintenance')
    t.equal(see('unavailable', { isDown: true }), 'partner-down', 'it still had its rights')
  })

  t.test('a reset forgets what was agreed, and what was old then', async (t) => {
    for (const hasSeen of [false, true]) {
      const { machine, see } = normal(BALANCED)
      machine.startMaintenance()
      machine.maintenanceAnswered('allowed')
      if (hasSeen) see('load-balancing')
      t.equal(machine.state, 'partner-in-maintenance')
      t.ok(machine.reset())
      t.equal(see('load-balancing'), 'load-balancing', 'what the partner says counts again')
    }
  })

  t.test('who serves in place of a partner in maintenance goes on when it is gone', async (t) => {
    const { machine, see } = normal(withoutFailover(BALANCED))
    machine.startMaintenance()
    machine.maintenanceAnswered('allowed')
    see('in-maintenance')
    t.equal(see('unavailable', { isDown: false }), 'partner-down')
    t.same(machine.servesScopes, [0, 1], 'although auto-failover is off')
  })

  t.test('the partner in maintenance is switched off and comes back', async (t) => {
    const { machine, see } = normal(BALANCED)
    machine.startMaintenance()
    machine.maintenanceAnswered('allowed')
    see('in-maintenance')
    t.equal(see('unavailable', { isDown: false }), 'partner-down', 'no proof is wanted')
    t.equal(see('in-maintenance'), 'partner-in-maintenance', 'only the link was gone')
    t.equal(see('waiting'), 'partner-down', 'it has started anew')
    t.ok(machine.serves(1))
    t.equal(see('ready'), 'load-balancing')
  })
})

t.test('words for people', async (t) => {
  const rows: [HaPlan, HaState, number, string][] = [
    [ACTIVE, 'hot-standby', 1, 'active'],
    [STANDBY, 'hot-standby', 0, 'standby'],
    [STANDBY, 'partner-down', 1, 'active, partner down'],
    [STANDBY, 'waiting', 0, 'not serving, waiting for the partner'],
    [BALANCED, 'load-balancing', 1, 'serving its own half'],
    [SECOND, 'partner-down', 3, 'serving both halves, partner down'],
    [SECOND, 'communication-recovery', 2, 'serving its own half, contact lost'],
    [SECOND, 'syncing', 0, 'not serving, receiving what it missed'],
    [PASSIVE, 'passive-backup', 1, 'active, no partner'],
    [BACKUP, 'backup', 0, 'not serving, keeps a copy'],
  ]
  for (const [plan, state, mask, words] of rows) t.equal(wordsFor(plan, state, mask), words)
})
