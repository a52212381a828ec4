// Somebody poses as one server of a pair, on the link: with a protected link nothing comes of it,
// whatever is said; on an open one nothing comes of what no history explains. Each story runs
// without its rule, too, when it must be found out.

import t from 'tap'
import { Impostor, type Lies } from '../../lib/lab/impostor.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import { handsOver, PLAUSIBLE, type PROTECTIONS, WILD } from './pair-impostor.ts'
import { simulatePair } from './pair-simulate.ts'
import { bindAt, both, FOUR, HOUR, poolOf, S1, S2, stage, Y } from './pair-stage.ts'

type Protection = (typeof PROTECTIONS)[number]

/** A pair that works on a link that is protected so. */
function begin(protection: Protection, names: 'checked' | 'any' = 'checked'): PairLab {
  const dhcp4 = poolOf(FOUR, HOUR)
  const whio = { ha: { 'certificate-names': names } }
  const plans = pairPlans(pairConfig({ dhcp4, protection, whio }))
  const lab = createPair({ ...stage(dhcp4), plans })
  if (!lab.reachNormal()) throw new Error('the pair does not begin')
  lab.advance(1000)
  return lab
}

/** Poses as S2, which is cut off from S1. */
function pose(lab: PairLab, lies: () => Lies): Impostor
function pose(lab: PairLab, lies: (typeof PLAUSIBLE)[number]): Impostor
function pose(lab: PairLab, lies: (typeof PLAUSIBLE)[number]): Impostor {
  lab.cutLink()
  return new Impostor(lab, {
    victim: lab.server(0),
    partner: lab.server(1),
    certificateNames: ['printer', '192.0.2.77'],
    password: 'a guess',
    lies,
  })
}

/** Whether an address is given twice when somebody gives S1 everything in the name of S2. */
function givenTwice(protection: Protection, names?: 'any'): readonly string[] {
  const lab = begin(protection, names)
  pose(lab, handsOver)
  lab.advance(20_000)
  const [a, b] = both(lab)
  bindAt(lab, b, S2, Y)
  bindAt(lab, a, S1, Y)
  return lab.invariants.violations.filter((one) => one.includes('is valid for'))
}

t.test(
  'who gives everything in the name of another is believed on an open link only',
  async (t) => {
    t.same(givenTwice('password'), [])
    t.same(givenTwice('certificates'), [], 'the certificate is that of a printer')
    t.ok(givenTwice('none').length > 0, 'found without protection')
    t.ok(givenTwice('certificates', 'any').length > 0, 'found where every certificate will do')
  },
)

t.test('nothing that is said on a protected link has an effect', async (t) => {
  for (const protection of ['password', 'certificates'] as const)
    for (const lies of PLAUSIBLE) {
      const lab = begin(protection)
      const before = recordOf(lab)
      const impostor = pose(lab, lies)
      lab.advance(20_000)
      t.equal(impostor.believed, 0)
      t.ok(impostor.refused > 0)
      t.equal(recordOf(lab), before, `${lies}`)
      impostor.leave()
      lab.healLink()
      t.ok(lab.reachNormal(60_000))
    }
})

t.test('the same lies are believed on an open link', async (t) => {
  const effects = PLAUSIBLE.filter((lies) => {
    const lab = begin('none')
    const before = recordOf(lab)
    pose(lab, lies)
    lab.advance(20_000)
    return recordOf(lab) !== before
  })
  t.ok(effects.length >= 5, `${effects.length} of ${PLAUSIBLE.length} change the record`)
})

t.test('what no history explains changes nothing on an open link', async (t) => {
  for (const hello of WILD) {
    const lab = begin('none')
    const before = recordOf(lab)
    const impostor = pose(lab, () => ({ hello, words: [] }))
    lab.advance(20_000)
    t.equal(impostor.believed, 0)
    t.ok(impostor.refused > 0)
    t.equal(recordOf(lab), before, JSON.stringify(hello))
    t.ok(lab.server(0).log.lines.some(({ id }) => id === 'HA_CLAIM_REFUSED'))
    impostor.leave()
    lab.healLink()
    t.ok(lab.reachNormal(60_000))
    t.same(lab.invariants.violations, [])
  }
})

/**
 * Until when addresses rest at S2, whose disk was replaced after somebody had spoken in its name.
 */
function quarantineAfter(longestLifetime: number): number {
  const lab = begin('none')
  const impostor = pose(lab, () => ({ hello: { longestLifetime }, words: [] }))
  lab.advance(20_000)
  impostor.leave()
  lab.crash(1)
  lab.server(1).replaceDisk()
  lab.healLink()
  lab.start(1)
  if (!lab.reachNormal(60_000)) throw new Error('the two do not meet')
  lab.advance(1000)
  const { doubtUntil } = lab.server(1).disk.pair!
  return doubtUntil === NEVER ? NEVER : (doubtUntil - lab.server(1).server!.now()) / 1000
}

t.test('a lie about lifetimes lasts as long as a configuration might, not for ever', async (t) => {
  const asConfigured = quarantineAfter(HOUR)
  t.ok(asConfigured > HOUR / 2 && asConfigured < 2 * HOUR)
  t.equal(Math.round(quarantineAfter(INFINITE_LIFETIME) / 60), Math.round(asConfigured / 60))
  const believed = quarantineAfter(30 * 86_400)
  t.ok(believed > 29 * 86_400 && believed < 31 * 86_400, 'found where it is believed')
})

t.test('impostors in random histories, on links of every kind', async (t) => {
  let refused = 0
  let posed = 0
  for (let seed = 1; seed <= 12; seed++) {
    const { violations, checks, faults } = simulatePair(seed, { impostor: true })
    t.same(violations, [], `seed ${seed}`)
    refused += checks.impostorsRefused ?? 0
    posed += faults.impostor ?? 0
  }
  t.ok(posed > 24 && refused > 10 * posed, `${posed} posed, they were refused ${refused} times`)
})

/** What S1 knows of its pair, but for clocks and positions. */
function recordOf(lab: PairLab): string {
  const { rights, noneBecause, handOver, longestLifetime, partnerDatabase, doubtUntil } =
    lab.server(0).disk.pair!
  return JSON.stringify([
    rights,
    noneBecause,
    handOver,
    longestLifetime,
    partnerDatabase,
    doubtUntil,
  ])
}
