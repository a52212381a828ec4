// What an IA is answered, situation by situation: the tables of lib/dhcp6/decide.ts and
// named-verdict.ts, for IA_NA and IA_PD, in SOLICIT, REQUEST, RENEW and REBIND.

import t, { type Test } from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import {
  address,
  type Client,
  client,
  DECLINE,
  documentWith,
  type Ia,
  LeaseServer6,
  na,
  pd,
  REBIND,
  RELEASE,
  RENEW,
  REQUEST,
  type Reply6,
  SOLICIT,
  SUBNET,
} from './lease-server6.ts'

/** What is the same of both kinds has one letter: A and B are the first ones of the pool. */
interface Kind {
  readonly name: 'IA_NA' | 'IA_PD'
  readonly ia: (iaid?: number, ...names: Ia['names']) => Ia
  readonly keys: Readonly<Record<'A' | 'B' | 'C' | 'X' | 'U', string>>
  /** The pool with C alone. */
  readonly narrow: Record<string, unknown>
  readonly noPool: Record<string, unknown>
  readonly reserve: (key: string) => Record<string, unknown>
}

const KINDS: readonly Kind[] = [
  {
    name: 'IA_NA',
    ia: na,
    keys: {
      A: '2001:db8:1::10',
      B: '2001:db8:1::11',
      C: '2001:db8:1::12',
      X: '2001:db8:ffff::1',
      U: '2001:db8:1::ffff',
    },
    narrow: { pools: [{ pool: '2001:db8:1::12/128' }] },
    noPool: { pools: [] },
    reserve: (key) => ({ 'ip-addresses': [key] }),
  },
  {
    name: 'IA_PD',
    ia: pd,
    keys: {
      A: '2001:db8:8000::/56',
      B: '2001:db8:8000:100::/56',
      C: '2001:db8:8000:200::/56',
      X: '2001:db8:ffff::/56',
      U: '2001:db8:8000:1000::/56',
    },
    narrow: {
      'pd-pools': [{ prefix: '2001:db8:8000:200::', 'prefix-len': 56, 'delegated-len': 56 }],
    },
    noPool: { 'pd-pools': [] },
    reserve: (key) => ({ prefixes: [key] }),
  },
]

const [SOMEBODY, OTHER] = [client(9), client(1)]
const hw = (number: number) => `00:00:5e:00:53:0${number}`

type Letter = keyof Kind['keys']

interface Case {
  readonly title: string
  /** What SOMEBODY names in its IA 1. */
  readonly names: readonly Letter[]
  /** SOLICIT, REQUEST, RENEW, REBIND: `none` is NoAddrsAvail or NoPrefixAvail. */
  readonly answers: readonly [string, string, string, string]
  readonly prepare?: (server: LeaseServer6, kind: Kind) => void
  readonly document?: (kind: Kind) => Dhcp6Document
  /** The same, after a reload. */
  readonly reloaded?: (kind: Kind) => Dhcp6Document
  /** Where the answers differ for IA_PD. */
  readonly prefixes?: readonly [string, string, string, string]
}

const reserved = (number: number, letter: Letter) => (kind: Kind) =>
  documentWith({
    reservations: [{ 'hw-address': hw(number), ...kind.reserve(kind.keys[letter]) }],
  })
const take = (who: Client, letter: Letter) => (server: LeaseServer6, kind: Kind) =>
  void server.lease(who, kind.ia(1, kind.keys[letter]))

const CASES: readonly Case[] = [
  {
    title: 'nothing known, and nothing named (row 13)',
    names: [],
    answers: ['A', 'A', 'A', 'A'],
  },
  {
    title: 'nothing known; a free one of a pool is named (row 13)',
    names: ['B'],
    answers: ['B', 'B', 'B', 'B'],
  },
  {
    title: 'a running lease (row 3)',
    names: ['B'],
    prepare: take(SOMEBODY, 'B'),
    answers: ['B', 'B', 'B', 'B'],
  },
  {
    title: 'a running lease, and another one is named (row 3)',
    names: ['B'],
    prepare: take(SOMEBODY, 'A'),
    answers: ['A', 'A', 'A, 0/0 B', 'A, 0/0 B'],
  },
  {
    title: 'a running lease that is not named (row 3)',
    names: [],
    prepare: take(SOMEBODY, 'B'),
    answers: ['B', 'B', 'B', 'B'],
  },
  {
    title: 'a running lease that is in no pool any more (row 4)',
    names: ['A'],
    prepare: take(SOMEBODY, 'A'),
    reloaded: ({ narrow }) => documentWith(narrow),
    answers: ['C', 'C', 'C, 0/0 A', 'C, 0/0 A'],
  },
  {
    title: 'a running lease that is reserved for another by now (row 4)',
    names: ['A'],
    prepare: take(SOMEBODY, 'A'),
    reloaded: reserved(1, 'A'),
    answers: ['B', 'B', 'B, 0/0 A', 'B, 0/0 A'],
  },
  {
    title: 'a running lease, and another one is reserved by now (rows 4 and 10)',
    names: ['A'],
    prepare: take(SOMEBODY, 'A'),
    reloaded: reserved(9, 'C'),
    answers: ['C', 'C', 'C, 0/0 A', 'C, 0/0 A'],
  },
  {
    title: 'a lease that has ended (row 5)',
    names: ['B'],
    prepare(server, kind) {
      take(SOMEBODY, 'B')(server, kind)
      server.advance(10_000)
    },
    answers: ['B', 'B', 'B', 'B'],
  },
  {
    title: 'a lease that has ended, and nothing is named (row 5)',
    names: [],
    prepare(server, kind) {
      take(SOMEBODY, 'B')(server, kind)
      server.set(kind.keys.B, 2, { state: LEASE_STATE.expired })
      server.advance(10_000)
    },
    answers: ['B', 'B', 'B', 'B'],
  },
  {
    title: 'a lease that was released (row 5)',
    names: [],
    prepare(server, kind) {
      take(SOMEBODY, 'B')(server, kind)
      server.send(RELEASE, SOMEBODY, [kind.ia(1, kind.keys.B)])
    },
    answers: ['B', 'B', 'B', 'B'],
  },
  {
    title: 'the one that is named is declined (row 6)',
    names: ['A'],
    prepare(server, kind) {
      take(OTHER, 'A')(server, kind)
      if (kind.name === 'IA_NA') server.send(DECLINE, OTHER, [kind.ia(1, kind.keys.A)])
      else server.set(kind.keys.A, 2, { state: LEASE_STATE.declined, clientId: '' })
    },
    answers: ['B', 'B', 'B, 0/0 A', 'B, 0/0 A'],
  },
  {
    title: 'the one that is named is leased to another (row 7)',
    names: ['A'],
    prepare: take(OTHER, 'A'),
    answers: ['B', 'B', 'B, 0/0 A', 'B, 0/0 A'],
  },
  {
    title: 'the one that is named is offered to another',
    names: ['A'],
    prepare: (server, kind) => void server.send(SOLICIT, OTHER, [kind.ia(1, kind.keys.A)]),
    answers: ['B', 'B', 'B, 0/0 A', 'B, 0/0 A'],
  },
  {
    title: 'the one that is named is reserved for another (row 9)',
    names: ['A'],
    document: reserved(1, 'A'),
    answers: ['B', 'B', 'B, 0/0 A', 'B, 0/0 A'],
  },
  {
    title: 'the one that is named is of another link (row 8)',
    names: ['X'],
    answers: ['A', 'A', 'A, 0/0 X', 'A, 0/0 X'],
    prefixes: ['A', 'A', 'A, 0/0 X', 'A'],
  },
  {
    title: 'the one that is named is of the link and of no pool (row 13)',
    names: ['U'],
    answers: ['A', 'A', 'A', 'A'],
    prefixes: ['A', 'A', 'A, 0/0 U', 'A'],
  },
  {
    title: 'something is reserved (row 10)',
    names: ['A'],
    document: reserved(9, 'U'),
    answers: ['U', 'U', 'U, 0/0 A', 'U, 0/0 A'],
  },
  {
    title: 'something is reserved by the DUID, and another has it',
    names: [],
    prepare: take(OTHER, 'C'),
    reloaded: (kind) =>
      documentWith({
        reservations: [{ duid: '00:03:00:01:00:00:5e:00:53:09', ...kind.reserve(kind.keys.C) }],
      }),
    answers: ['A', 'A', 'A', 'A'],
  },
  {
    title: 'several are named, of which one is its own (row 11)',
    names: ['C', 'X', 'B', 'A'],
    prepare(server, kind) {
      take(OTHER, 'A')(server, kind)
      take(SOMEBODY, 'B')(server, kind)
    },
    answers: ['B', 'B', 'B, 0/0 C, 0/0 X, 0/0 A', 'B, 0/0 C, 0/0 X, 0/0 A'],
    prefixes: ['B', 'B', 'B, 0/0 C, 0/0 X, 0/0 A', 'B, 0/0 C, 0/0 A'],
  },
  {
    title: 'everything is taken (row 2)',
    names: ['A'],
    prepare(server, kind) {
      for (let number = 20; number < 36; number++) server.send(REQUEST, client(number), [kind.ia()])
    },
    answers: ['none', 'none', 'none, 0/0 A', 'none, 0/0 A'],
  },
  {
    title: 'there is no pool (row 2)',
    names: ['X'],
    document: ({ noPool }) => documentWith(noPool),
    answers: ['none', 'none', 'none, 0/0 X', 'none, 0/0 X'],
    prefixes: ['none', 'none', 'none, 0/0 X', 'none'],
  },
  {
    title: 'no pool is left, and the lease runs (rows 2 and 4)',
    names: ['A'],
    prepare: take(SOMEBODY, 'A'),
    reloaded: ({ noPool }) => documentWith(noPool),
    answers: ['none', 'none', 'none, 0/0 A', 'none, 0/0 A'],
  },
]

const STATES = [SOLICIT, REQUEST, RENEW, REBIND]
const NAMES = ['SOLICIT', 'REQUEST', 'RENEW', 'REBIND']

for (const kind of KINDS)
  t.test(`RFC9915 §18.3: ${kind.name}`, async (t) => {
    for (const { title, names, answers, prepare, document, reloaded, prefixes } of CASES)
      for (const [at, type] of STATES.entries()) {
        const server = new LeaseServer6(document?.(kind))
        prepare?.(server, kind)
        if (reloaded !== undefined) server.reload(reloaded(kind))
        const ia = kind.ia(1, ...names.map((letter) => kind.keys[letter]))
        const before = rows(server)
        const reply = server.send(type, SOMEBODY, [ia])
        const expected = (kind.name === 'IA_PD' ? prefixes : undefined) ?? answers
        t.equal(said(kind, reply), expected[at], `${NAMES[at]}: ${title}`)
        if (type === SOLICIT) t.strictSame(rows(server), before, `${title}: nothing is stored`)
        else checkStored(t, server, reply, title)
      }
  })

/** The answers for one IA, in the letters of its kind. */
function said(kind: Kind, reply: Reply6 | string): string {
  if (typeof reply === 'string') return reply
  let text = reply.ias.map((line) => line.replace(/^.. \d+: /, '')).join(' | ')
  for (const [letter, key] of Object.entries(kind.keys))
    text = text.replaceAll(new RegExp(`${key}(?![:/\\w])`, 'g'), letter)
  return text.replaceAll(' 3000/4000', '').replaceAll(/No(Addrs|Prefix)Avail/g, 'none')
}

function rows(server: LeaseServer6): unknown[] {
  return [...server.table.walk('rows').next(1000)]
}

/** What a client is told it has is its own from then on. */
function checkStored(t: Test, server: LeaseServer6, reply: Reply6 | string, title: string) {
  if (typeof reply === 'string') return
  for (const { entries } of reply.message.ias)
    for (const { key, valid } of entries) {
      const row = server.table.byAddress(key)
      const isIts = row?.state === LEASE_STATE.assigned && row.clientId.endsWith(SOMEBODY.duid)
      if (valid > 0) t.ok(isIts && row.validLifetime === valid, `${title}: it is stored`)
    }
}

t.test('a link that is not configured (row 1)', async (t) => {
  const link = { name: 'eth9', index: 9, linkLocal: '', addresses: [] }
  const arrival = { link }
  const server = new LeaseServer6()
  const answers = (type: number, ...ias: readonly Ia[]) => {
    const reply = server.send(type, SOMEBODY, ias, { arrival })
    return typeof reply === 'string' ? reply : reply.ias
  }
  t.equal(answers(SOLICIT, na(1), pd(1)), 'no-subnet', 'a server that knows better is not outrun')
  t.strictSame(answers(REQUEST, na(1), pd(1)), ['NA 1: NoAddrsAvail', 'PD 1: NoPrefixAvail'])
  t.strictSame(answers(RENEW, na(1), pd(1)), ['NA 1: NoBinding', 'PD 1: NoBinding'])
  t.strictSame(answers(REBIND, na(1), pd(1)), ['NA 1: NoBinding'])
  t.equal(answers(REBIND, pd(1)), 'no-subnet')
})

t.test('two IAs of one kind and IAID: the second is passed over (row 15)', async (t) => {
  const server = new LeaseServer6()
  for (const type of STATES)
    t.strictSame(server.ias(type, SOMEBODY, [na(1), pd(1), na(1, '2001:db8:1::12'), na(2)]), [
      'NA 1: 2001:db8:1::10 3000/4000',
      'PD 1: 2001:db8:8000::/56 3000/4000',
      'NA 2: 2001:db8:1::11 3000/4000',
    ])
})

t.test('an IA_TA is passed over, whatever is in it (row 16)', async (t) => {
  const server = new LeaseServer6()
  const options = [[OPTION6.iaTa, `\0\0\0\x01${'\0\x05\0\x18'.padEnd(28, '\x20')}`]] as const
  t.strictSame(server.ias(SOLICIT, SOMEBODY, [na(1)], { options }), [
    'NA 1: 2001:db8:1::10 3000/4000',
  ])
})

t.test('IA_NA and IA_PD may have one IAID, and each client its own', async (t) => {
  const server = new LeaseServer6()
  t.strictSame(server.lease(client(1), na(1), pd(1)), ['2001:db8:1::10', '2001:db8:8000::/56'])
  t.strictSame(server.lease(client(2), na(1), pd(1)), ['2001:db8:1::11', '2001:db8:8000:100::/56'])
})

t.test('what one IA takes is taken for those behind it', async (t) => {
  for (const type of STATES) {
    const server = new LeaseServer6()
    const ias = [1, 2, 3].map((iaid) => na(iaid, '2001:db8:1::12'))
    const first = ['::12', '::10', '::11'].map((end) => `2001:db8:1${end}`)
    const told = server.ias(type, SOMEBODY, ias)
    const zeros = type === RENEW || type === REBIND ? ', 0/0 2001:db8:1::12' : ''
    t.strictSame(told, [
      `NA 1: ${first[0]} 3000/4000`,
      `NA 2: ${first[1]} 3000/4000${zeros}`,
      `NA 3: ${first[2]} 3000/4000${zeros}`,
    ])
  }
})

t.test('one IA gets nothing, another one does: both are in one message', async (t) => {
  const server = new LeaseServer6(documentWith({ 'pd-pools': [] }))
  for (const type of STATES)
    t.strictSame(server.ias(type, SOMEBODY, [na(1), pd(1)]), [
      'NA 1: 2001:db8:1::10 3000/4000',
      'PD 1: NoPrefixAvail',
    ])
})

t.test('a RENEW finds a lease of another link', async (t) => {
  const other = { ...SUBNET, id: 2, subnet: '2001:db8:2::/64', interface: 'eth1' }
  const moved = { ...other, pools: [{ pool: '2001:db8:2::10/128' }], 'pd-pools': [] }
  const server = new LeaseServer6({ ...documentWith({}), subnet6: [SUBNET, moved] })
  t.strictSame(server.lease(SOMEBODY, na(1)), ['2001:db8:1::10'])
  const link = { name: 'eth1', index: 3, linkLocal: address('fe80::1'), addresses: [] }
  t.strictSame(server.ias(RENEW, SOMEBODY, [na(1, '2001:db8:1::10')], { arrival: { link } }), [
    'NA 1: 2001:db8:2::10 3000/4000, 0/0 2001:db8:1::10',
  ])
})

t.test('a search that is wrong takes nothing from anybody', async (t) => {
  const server = new LeaseServer6()
  const [key] = server.lease(client(1), na(1))
  const before = server.row(key!)
  Object.assign(server.table, { findFree: () => before!.address, findLent: () => before!.address })
  for (const type of STATES)
    t.strictSame(server.ias(type, client(2), [na(1)]), ['NA 1: NoAddrsAvail'])
  t.strictSame(server.row(key!), before)
})
