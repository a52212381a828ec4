// What a server of a pair says of IAs (rule 3): with one key it renews, with two it gives, and what
// only the partner may judge meets silence.

import t from 'tap'
import { LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import type { Keys } from '../../lib/leases/rights.ts'
import { octetsFromCodes } from '../../lib/wire/v6/builder.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import {
  client,
  DECLINE,
  documentWith,
  held,
  type Ia,
  LeaseServer6,
  na,
  pd,
  REBIND,
  RELEASE,
  RENEW,
  REQUEST,
  SOLICIT,
  SUBNET,
} from './lease-server6.ts'

const [SOMEBODY, OTHER] = [client(9), client(1)]
const STATES = [SOLICIT, REQUEST, RENEW, REBIND]

/** A is in the pool of one; B is what else there is, always here. */
interface Kind {
  readonly ia: (iaid?: number, ...names: Ia['names']) => Ia
  readonly A: string
  readonly B: string
  readonly two: Record<string, unknown>
}

const KINDS: readonly Kind[] = [
  {
    ia: na,
    A: '2001:db8:1::10',
    B: '2001:db8:1::11',
    two: { pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::11' }] },
  },
  {
    ia: pd,
    A: '2001:db8:8000::/56',
    B: '2001:db8:8000:100::/56',
    two: { 'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 55, 'delegated-len': 56 }] },
  },
]

/** SOLICIT, REQUEST, RENEW, REBIND. */
type Answers = readonly [string, string, string, string]
const all = (answer: string): Answers => [answer, answer, answer, answer]
const choose = (given: string, renewed: string): Answers => [given, given, renewed, renewed]

interface Line {
  readonly title: string
  /** The row of A, which SOMEBODY names. */
  readonly row: (kind: Kind) => Partial<Lease6>
  /** With 0, 1 and 2 keys of A here. */
  readonly answers: readonly [Answers, Answers, Answers]
}

const ended = { start: 0, end: 0, validLifetime: 1, preferredLifetime: 1 }

const TABLE: readonly Line[] = [
  {
    title: 'untouched or over',
    row: () => ({}),
    answers: [choose('B', 'no-right'), choose('B', 'no-right'), all('A')],
  },
  {
    title: 'its own',
    row: ({ ia }) => held(SOMEBODY, ia()),
    answers: [choose('B', 'no-right'), all('A'), all('A')],
  },
  {
    title: 'its own, after its end',
    row: ({ ia }) => held(SOMEBODY, ia(), ended),
    answers: [choose('B', 'no-right'), all('A'), all('A')],
  },
  {
    title: 'its own, after a RELEASE',
    row: ({ ia }) => held(SOMEBODY, ia(), { state: LEASE_STATE.released }),
    answers: [choose('B', 'no-right'), all('A'), all('A')],
  },
  {
    title: 'in use by another',
    row: ({ ia }) => held(OTHER, ia()),
    answers: [choose('B', 'no-right'), choose('B', 'B, 0/0 A'), choose('B', 'B, 0/0 A')],
  },
  {
    title: "over, was another's",
    row: ({ ia }) => held(OTHER, ia(), ended),
    answers: [choose('B', 'no-right'), choose('B', 'no-right'), all('A')],
  },
  {
    title: 'declined',
    row: () => ({ state: LEASE_STATE.declined, start: 0, end: 9_000_000 }),
    answers: [choose('B', 'no-right'), choose('B', 'no-right'), choose('B', 'B, 0/0 A')],
  },
  {
    title: 'declined, over',
    row: () => ({ state: LEASE_STATE.declined, start: 0, end: 0 }),
    answers: [choose('B', 'no-right'), choose('B', 'no-right'), all('A')],
  },
]

function serverWith(kind: Kind, keys: Keys, row: Partial<Lease6>): LeaseServer6 {
  const server = new LeaseServer6(documentWith(kind.two)).pair(0)
  server.set(kind.A, keys, row)
  server.set(kind.B, 2)
  return server
}

for (const kind of KINDS)
  t.test(`rule 3a: ${kind.A}`, async (t) => {
    for (const { title, row, answers } of TABLE)
      for (const keys of [0, 1, 2] as const)
        for (const [at, type] of STATES.entries()) {
          const server = serverWith(kind, keys, row(kind))
          const reply = server.send(type, SOMEBODY, [kind.ia(1, kind.A)])
          const text = typeof reply === 'string' ? reply : reply.ias[0]!.replace(/^.. 1: /, '')
          const letters = text.replaceAll(kind.A, 'A').replaceAll(kind.B, 'B')
          const said = letters.replaceAll(' 3000/4000', '')
          t.equal(said, answers[keys][at], `${title}, ${keys} keys, message type ${type}`)
        }
  })

t.test('the partner is asked for what the client has, not for what anybody may name', async (t) => {
  for (const kind of KINDS) {
    const own = serverWith(kind, 0, held(SOMEBODY, kind.ia()))
    t.equal(own.send(RENEW, SOMEBODY, [kind.ia(1, kind.A)]), 'no-right')
    t.equal(own.outcome.kind === 'drop' && own.outcome.wanted.length, 1)
    const named = serverWith(kind, 0, {})
    t.equal(named.send(RENEW, SOMEBODY, [kind.ia(1, kind.A)]), 'no-right')
    t.equal(named.outcome.kind === 'drop' && named.outcome.wanted.length, 0)
  }
})

t.test('a running lease without a key here is not replaced though it is not named', async (t) => {
  for (const kind of KINDS) {
    const server = serverWith(kind, 0, held(SOMEBODY, kind.ia()))
    t.equal(server.send(RENEW, SOMEBODY, [kind.ia(1)]), 'no-right')
    t.equal(server.send(REBIND, SOMEBODY, [kind.ia(1, kind.B)]), 'no-right')
  }
})

t.test('of several IAs the one that only the partner may judge is left out', async (t) => {
  const server = new LeaseServer6().pair(0)
  server.set('2001:db8:1::10', 2, held(SOMEBODY, na()))
  server.set('2001:db8:8000::/56', 0, held(SOMEBODY, pd()))
  const named = [na(1, '2001:db8:1::10'), pd(1, '2001:db8:8000::/56')]
  t.strictSame(server.ias(RENEW, SOMEBODY, named), ['NA 1: 2001:db8:1::10 3000/4000'])
  const { outcome } = server
  t.equal(outcome.kind === 'reply' && outcome.wanted.length, 1, 'and the partner is asked')
})

t.test('what is free at the partner alone', async (t) => {
  const document = documentWith({ pools: [{ pool: '2001:db8:1::10/128' }] })
  const server = new LeaseServer6(document).pair(0)
  server.set('2001:db8:1::10', 0)
  for (const type of STATES) {
    t.equal(server.send(type, SOMEBODY, [na()]), 'no-own-address')
    t.equal(server.outcome.kind === 'drop' && server.outcome.wanted.length, 1)
  }
  // Whoever gets a prefix meanwhile has it; the address comes later.
  server.set('2001:db8:8000::/56', 2)
  const prefix = pd(1, '2001:db8:8000::/56')
  t.strictSame(server.ias(SOLICIT, SOMEBODY, [na(), prefix]), [
    'NA 1: NoAddrsAvail',
    'PD 1: 2001:db8:8000::/56 3000/4000',
  ])
  t.strictSame(server.ias(RENEW, SOMEBODY, [na(), prefix]), ['PD 1: 2001:db8:8000::/56 3000/4000'])
})

t.test('of two IAs one gets what is here, if the partner has not helped soon', async (t) => {
  for (const kind of KINDS) {
    const server = new LeaseServer6(documentWith(kind.two)).pair(0)
    server.table.setSharing(true)
    server.set(kind.A, 2)
    server.set(kind.B, 0)
    const both = [kind.ia(1), kind.ia(2)]
    const after = (seconds: number) => ({
      options: [[OPTION6.elapsedTime, octetsFromCodes([100 * seconds])]] as const,
    })
    // Nobody else has asked for long: the partner is asked for the first time again and again.
    for (const type of [SOLICIT, REQUEST]) {
      server.advance(60)
      t.equal(server.send(type, SOMEBODY, both, after(0)), 'no-own-address')
      const { outcome } = server
      t.equal(outcome.kind === 'drop' && outcome.wanted.length, 2, 'one for each')
      server.advance(60)
      const [one, other] = server.ias(type, SOMEBODY, both, after(60))
      t.match(one, kind.A)
      t.match(other, 'Avail')
    }
    t.equal(server.outcome.kind === 'reply' && server.outcome.wanted.length, 1)
  }
})

t.test('rule 3d: whose reserved prefix the partner has keeps what it holds', async (t) => {
  const reservations = [{ 'hw-address': '00:00:5e:00:53:09', prefixes: ['2001:db8:8000:f00::/56'] }]
  const server = new LeaseServer6(documentWith({ reservations })).pair(0)
  server.set('2001:db8:8000:f00::/56', 0)
  for (const type of STATES) {
    t.equal(server.send(type, SOMEBODY, [pd()]), 'no-right', 'without a lease it waits')
    t.equal(server.outcome.kind === 'drop' && server.outcome.wanted.length, 1)
  }
  server.set('2001:db8:8000::/56', 1, held(SOMEBODY, pd()))
  t.strictSame(server.ias(RENEW, SOMEBODY, [pd(1, '2001:db8:8000::/56')]), [
    'PD 1: 2001:db8:8000::/56 3000/4000',
  ])
  t.equal(server.outcome.kind === 'reply' && server.outcome.wanted.length, 1)
  server.set('2001:db8:8000:f00::/56', 2)
  t.strictSame(server.ias(RENEW, SOMEBODY, [pd(1, '2001:db8:8000::/56')]), [
    'PD 1: 2001:db8:8000:f00::/56 3000/4000, 0/0 2001:db8:8000::/56',
  ])
})

t.test('rule 1d: a prefix is not given while one above or below it runs', async (t) => {
  const whole = [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 48 }]
  const parts = [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }]
  const server = new LeaseServer6(documentWith({ 'pd-pools': parts }))
  t.strictSame(server.lease(OTHER, pd()), ['2001:db8:8000::/56'])
  server.reload(documentWith({ 'pd-pools': whole }))
  for (const type of STATES)
    t.match(server.ias(type, SOMEBODY, [pd(1, '2001:db8:8000::/48')])[0], 'NoPrefixAvail')
  server.advance(10_000)
  t.strictSame(server.lease(SOMEBODY, pd()), ['2001:db8:8000::/48'], 'but once it is over')
  server.reload(documentWith({ 'pd-pools': parts }))
  t.match(server.ias(RENEW, OTHER, [pd(1, '2001:db8:8000::/56')])[0], 'NoPrefixAvail')
})

t.test('rule 1d(b): nor while the partner has keys of one, whoever names it', async (t) => {
  const [named, other] = ['2001:db8:8000::/56', '2001:db8:8000:100::/56']
  const two = documentWith({
    'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 55, 'delegated-len': 56 }],
  })
  const answer = (around: string, keys: Keys, row: Partial<Lease6>, type: number): string => {
    const server = new LeaseServer6(two).pair(0)
    server.table.noteTime(server.now)
    server.set(named, 2, row)
    server.set(other, 2)
    server.set(around, keys)
    const reply = server.send(type, SOMEBODY, [pd(1, named)])
    return typeof reply === 'string' ? reply : reply.ias[0]!
  }
  const given = `PD 1: ${named} 3000/4000`
  // The latter it had itself, until another length was delegated.
  for (const around of ['2001:db8:8000::/55', '2001:db8:8000:80::/60'])
    for (const row of [{}, held(SOMEBODY, pd(), ended)])
      for (const type of STATES) {
        const what = `beside ${around}, message type ${type}`
        for (const keys of [0, 1] as const) t.not(answer(around, keys, row, type), given, what)
        t.equal(answer(around, 2, row, type), given, what)
      }
})

t.test(
  'rule 1d(b): of two rows that overlap only a client that uses its own keeps it',
  async (t) => {
    const named = '2001:db8:8000::/56'
    const two = documentWith({
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 55, 'delegated-len': 56 }],
    })
    // One database was put back, and remembers a lease for longer than the other one.
    for (const around of ['2001:db8:8000::/55', '2001:db8:8000:80::/60'])
      for (const type of STATES) {
        const server = new LeaseServer6(two).pair(0)
        server.set(named, 1, held(SOMEBODY, pd()))
        server.set(around, 1, held(OTHER, pd()))
        const reply = server.send(type, SOMEBODY, [pd(1, named)])
        const isKept = typeof reply !== 'string' && reply.ias[0] === `PD 1: ${named} 3000/4000`
        const uses = type === RENEW || type === REBIND
        t.equal(isKept, uses, `beside ${around}, message type ${type}`)
      }
  },
)

t.test('in doubt nothing new is given, and nobody is refused', async (t) => {
  const doubtUntil = 9_000_000
  const server = new LeaseServer6().pair(0, { doubtUntil })
  for (const type of STATES)
    t.equal(server.send(type, SOMEBODY, [na(1, '2001:db8:1::15')]), 'no-right')
  server.set('2001:db8:1::15', 1, held(SOMEBODY, na()))
  t.strictSame(server.ias(RENEW, SOMEBODY, [na(1, '2001:db8:1::15')]), [
    'NA 1: 2001:db8:1::15 3000/4000',
  ])
})

t.test('in a pair no lease is longer than the partner knows of', async (t) => {
  const server = new LeaseServer6().pair(0, { kind: 'all', longest: 1000 })
  t.strictSame(server.ias(REQUEST, SOMEBODY, [na(), pd()]), [
    'NA 1: 2001:db8:1::10 625/1000',
    'PD 1: 2001:db8:8000::/56 625/1000',
  ])
})

t.test(
  '§18.3.7: RELEASE and DECLINE of what the partner gave are answered, and change nothing',
  async (t) => {
    const server = new LeaseServer6().pair(0)
    server.set('2001:db8:1::10', 1, held(SOMEBODY, na(), { givenBy: 'partner' }))
    for (const type of [RELEASE, DECLINE]) {
      t.strictSame(server.ias(type, SOMEBODY, [na(1, '2001:db8:1::10')]), [])
      t.equal(server.row('2001:db8:1::10')?.state, LEASE_STATE.assigned)
      const { outcome } = server
      t.equal(outcome.kind === 'reply' && outcome.kept[0]?.why, 'given-by-partner')
    }
  },
)

t.test('no subnet fits: NoBinding is not said of what the partner may have given', async (t) => {
  const link = { name: 'eth9', index: 9, linkLocal: '', addresses: [] }
  const arrival = { link }
  const server = new LeaseServer6({ ...documentWith({}), subnet6: [SUBNET] }).pair(0)
  server.set('2001:db8:1::10', 0)
  t.equal(server.send(RENEW, SOMEBODY, [na(1, '2001:db8:1::10')], { arrival }), 'no-right')
  server.set('2001:db8:1::10', 1, held(OTHER, na()))
  t.strictSame(server.ias(RENEW, SOMEBODY, [na(1, '2001:db8:1::10')], { arrival }), [
    'NA 1: NoBinding',
  ])
})
