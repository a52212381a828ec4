// Schedules of lib/ha/README.md whose rules cannot be taken away by one wrapped port: what came
// once is heard again, or several guards do the same. Each runs with the rules and without them,
// when it must be found out. S1 and S2 are server1 and server2, X is at home at S1, Y at S2; the
// others are in pair-schedules.test.ts.

import t from 'tap'
import { laneOf, readRowFrame } from '../../lib/ha/row-frames.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import type { AnyTable } from '../../lib/leases/table/lease-tables.ts'
import { NEVER } from '../../lib/time/units.ts'
import {
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
  Y,
} from './pair-stage.ts'
import { type Heard, type Weakness, weakPorts } from './pair-weakness.ts'

interface Rule {
  isOff: boolean
}

interface Settings {
  readonly lifetime?: number
  /** Whose client B is. */
  readonly owner?: 0 | 1
  readonly seed?: number
}

/** A pair that works, what its servers heard of each other, and a rule that can be taken away. */
function begin(
  weakness: Weakness,
  { lifetime = HOUR, owner = 0, seed = 1 }: Settings = {},
): { lab: PairLab; tape: Heard[]; rule: Rule } {
  const tape: Heard[] = []
  const rule = { isOff: false }
  const ports = weakPorts(weakness, () => rule.isOff, tape)!
  const too = { hwAddress: hardwareAddress(owner, 1) }
  const lab = createPair({ ...stage(poolOf(FOUR, lifetime), {}, too), ports, seed })
  if (!lab.reachNormal()) throw new Error('the pair does not begin')
  lab.advance(1000)
  return { lab, tape, rule }
}

/** `play` tells what went wrong: nothing with the rule, something without it. */
function withAndWithout(name: string, play: (isOff: boolean) => readonly string[]): void {
  t.test(name, async (t) => {
    t.same(play(false), [])
    t.ok(play(true).length > 0, 'found when the rule is taken away')
  })
}

const isTwice = (lab: PairLab) =>
  lab.invariants.violations.filter((one) => one.includes('is valid for'))

// ---- 26: numbers of hand-overs

/** An old `over` is as good as a new one. */
const NUMBERLESS: Weakness = {
  hears: (message) =>
    typeof message === 'string' && message.includes('"type":"over"')
      ? message.replace(/"number":(\d+)/, (_, number) => `"number":${Number(number) + 2}`)
      : message,
}

// S1 has given everything to S2 and got it back, and is to give it again. Before that is on its
// disk, the first "over" reaches S2 once more; S1 dies, has its rights when it is back, and the
// link is cut.
withAndWithout('26 stale-over', (isOff) => [1, 2, 3].flatMap((seed) => staleOver(isOff, seed)))

/** Whether a host that dies had stored its last batch is a matter of chance. */
function staleOver(isOff: boolean, seed: number): readonly string[] {
  const { lab, tape, rule } = begin(NUMBERLESS, { seed })
  const { handOver } = lab.server(1).server!.pair!
  handOver.start(() => {})
  lab.advance(6000)
  handOver.cancel(() => {})
  lab.reachNormal()
  lab.advance(1000)
  Object.assign(lab.server(0).disk.behaviour, { commitMin: 2000, commitMax: 2000 })
  handOver.start(() => {})
  lab.advance(500)
  rule.isOff = isOff
  tape.findLast(({ message }) => /"type":"over"/.test(`${message}`))!.again()
  lab.advance(500)
  lab.crash(0)
  lab.cutLink()
  Object.assign(lab.server(0).disk.behaviour, { commitMin: 0.2, commitMax: 1 })
  lab.start(0)
  lab.advance(6000)
  const [a, b] = both(lab)
  bindAt(lab, a, S1, X)
  bindAt(lab, b, S2, X)
  return isTwice(lab)
}

// ---- 27: rows without keys

/** While the rule is off, rows of the partner are merged as if this server had no key. */
const KEYLESS: Weakness = {
  servers: [S1],
  table: (table, isOn) => mergesAnything(table, isOn),
}

function mergesAnything(table: AnyTable, isOn: () => boolean): void {
  const byAddress = table.byAddress.bind(table)
  const apply = table.apply.bind(table)
  table.byAddress = (address) => {
    const lease = byAddress(address)
    return lease !== undefined && isOn() ? { ...lease, gave: lease.got + 2 } : lease
  }
  table.apply = (change) => {
    const former = change.kind === 'put' && isOn() ? byAddress(change.lease.address) : undefined
    if (change.kind !== 'put' || former === undefined) return apply(change)
    const { gave, got } = former
    return apply({ kind: 'put', lease: { ...change.lease, gave, got } })
  }
}

// In a cut A renews its X at S2, and S1 hears of it. A goes, S2 gives its key back, and in another
// cut S1 gives X to B. Then the row of S2 comes once more: it has no key any more, and S1 has both.
withAndWithout('27 keyless-row-overwrites', (isOff) => {
  const { lab, tape, rule } = begin(KEYLESS, { lifetime: 600 })
  const [a, b] = both(lab)
  bindAt(lab, a, S1, X)
  lab.cutLink()
  lab.advance(5000)
  only(lab, a, S2)
  a.stop()
  a.start()
  lab.advance(5000)
  lab.healLink()
  lab.reachNormal()
  lab.advance(2000)
  const row = tape.findLast(({ by, message }) => by === S1 && isLiveAt(message, X))!
  a.stop()
  lab.advance(3 * HOUR_MS)
  lab.cutLink()
  lab.advance(5000)
  bindAt(lab, b, S1, X)
  lab.healLink()
  // Before anything else is heard on the new connection.
  const { pair } = lab.server(0).server!
  lab.world.advanceUntil(() => pair!.sessions.withPartner !== undefined, 10_000)
  rule.isOff = isOff
  row.again()
  lab.world.advanceUntil(() => pair!.sessions.withPartner?.incoming !== undefined, 1000)
  rule.isOff = false
  lab.advance(2000)
  bindAt(lab, a, S1, X, 10_000)
  return isTwice(lab)
})

function isLiveAt(message: string | Uint8Array, address: number): boolean {
  if (typeof message === 'string' || laneOf(message) === undefined) return false
  let isThere = false
  readRowFrame(message.slice(), 0, (lease) => {
    isThere ||= lease.address === address && lease.state === LEASE_STATE.assigned
  })
  return isThere
}

// ---- 29: what arrives proves nothing about the other direction

/** A frame that comes is contact, and silence is none of the other end's business. */
function believesInFrames(lab: PairLab): void {
  const { contact } = lab.server(1).server!.pair!
  const heard = contact.heard.bind(contact)
  contact.heard = (now) => {
    heard(now)
    contact.echoed(now)
  }
  const deaf = lab.server(0).server!.pair!.contact
  deaf.kind = () => 'connected'
  deaf.deadline = () => NEVER
}

// S2 hears S1, S1 hears nothing. Whoever asks S2 must not wait for acknowledgements that cannot
// come.
withAndWithout('29 one-way-cut', (isOff) => {
  const { lab } = begin({}, { owner: 1 })
  if (isOff) believesInFrames(lab)
  lab.cutLink('forth', 1)
  lab.advance(6000)
  const [, b] = both(lab)
  const began = lab.now
  bindAt(lab, b, S2, Y)
  const waited = lab.now - began
  return waited < 1000 ? [] : [`B is served after ${Math.round(waited)} ms`]
})
