import t from 'tap'
import { RCODE, RR_TYPE } from '../../lib/ddns/codes.ts'
import type { DnsRecord, DnsRequest, DnsUpdate } from '../../lib/ddns/message.ts'
import type { Transaction, Verdict } from '../../lib/ddns/transaction.ts'
import { encodedName } from '../../lib/ddns/writer.ts'
import type { ConflictMode } from '../../lib/names/rules.ts'
import { after, begin, DUAL, type OrderOptions, OTHER, PC1, reply } from './golden.ts'

type Rcode = keyof typeof RCODE

const NAME = 'pc1.open.test'
const REVERSE = '10.2.0.192.in-addr.arpa'

function record(name: string, type: number, data = ''): DnsRecord {
  return { name, type, dnsClass: 1, ttl: 60, data }
}

function dhcid(data: string): DnsRecord {
  return record(NAME, RR_TYPE.dhcid, data)
}

function alias(name: string, target: string): DnsRecord {
  return record(name, RR_TYPE.cname, encodedName(target))
}

function soa(name: string): DnsRecord {
  return record(name, RR_TYPE.soa)
}

/** The type that is asked for, or of an update its zone. */
function asked(request: DnsRequest): number | string {
  return request.kind === 'query' ? request.type : request.zone
}

function dhcidWanted({ request }: Transaction): string | undefined {
  const { prerequisites } = request as DnsUpdate
  return prerequisites.find(({ type, dnsClass }) => type === RR_TYPE.dhcid && dnsClass === 1)?.data
}

const DONE: Verdict = { kind: 'done' }

/** What each answer leads to: a verdict, or what is sent then. */
type Outcome = Verdict['kind'] | 'next' | 'whose' | 'alias' | 'zone'

function outcome(transaction: Transaction, ...rcodes: Rcode[]): Outcome {
  const verdict = after(transaction, ...rcodes)
  if (verdict !== undefined) return verdict.kind
  const what = asked(transaction.request)
  if (what === RR_TYPE.dhcid) return 'whose'
  if (what === RR_TYPE.cname) return 'alias'
  return what === RR_TYPE.soa ? 'zone' : 'next'
}

/** RFC 2136 §2.2 and what the columns do with it; where a table says nothing: failed. */
const COLUMNS: readonly (readonly [
  string,
  OrderOptions,
  readonly Rcode[],
  Partial<Record<Rcode, Outcome>>,
])[] = [
  ['a fresh name', {}, [], { NOERROR: 'done', YXDOMAIN: 'next' }],
  [
    'a name that is used',
    {},
    ['YXDOMAIN'],
    { NOERROR: 'done', NXDOMAIN: 'next', NXRRSET: 'whose' },
  ],
  ['an address that leaves', { action: 'remove' }, [], { NOERROR: 'next', NXRRSET: 'whose' }],
  [
    'the rest of a name',
    { action: 'remove' },
    ['NOERROR'],
    { NOERROR: 'done', YXRRSET: 'done', NXRRSET: 'done' },
  ],
  ['a reverse name', { direction: 'reverse' }, [], { NOERROR: 'done', YXRRSET: 'alias' }],
  [
    'a reverse name that leaves',
    { direction: 'reverse', action: 'remove' },
    [],
    { NOERROR: 'done', NXRRSET: 'alias' },
  ],
]

const ALWAYS: Partial<Record<Rcode, Outcome>> = {
  SERVFAIL: 'retry',
  FORMERR: 'blocked',
  NOTIMP: 'blocked',
  REFUSED: 'blocked',
  NOTAUTH: 'zone',
  NOTZONE: 'zone',
  BADSIG: 'blocked',
  BADKEY: 'blocked',
  BADTIME: 'blocked',
  BADTRUNC: 'blocked',
}

for (const [what, options, before, row] of COLUMNS)
  t.test(`check-with-dhcid, ${what}: what each answer leads to`, async (t) => {
    for (const rcode of Object.keys(RCODE) as Rcode[]) {
      const expected = row[rcode] ?? ALWAYS[rcode] ?? 'failed'
      t.equal(outcome(begin(options), ...before, rcode), expected, rcode)
    }
  })

t.test('other modes: what each answer leads to', async (t) => {
  const rows: readonly (readonly [ConflictMode, OrderOptions, readonly Rcode[], Outcome])[] = [
    ['check-exists-with-dhcid', {}, ['NOERROR'], 'done'],
    ['check-exists-with-dhcid', {}, ['YXDOMAIN', 'NOERROR'], 'done'],
    ['check-exists-with-dhcid', {}, ['YXDOMAIN', 'NXRRSET'], 'whose'],
    ['check-exists-with-dhcid', { action: 'remove' }, ['NXRRSET'], 'done'],
    ['check-exists-with-dhcid', { action: 'remove' }, ['NOERROR', 'YXRRSET'], 'done'],
    ['check-exists-with-dhcid', { action: 'remove' }, ['NOERROR', 'NOERROR'], 'done'],
    ['no-check-with-dhcid', {}, ['NOERROR'], 'done'],
    ['no-check-with-dhcid', {}, ['YXRRSET'], 'whose'],
    ['no-check-with-dhcid', { action: 'remove' }, ['NOERROR'], 'done'],
    ['no-check-with-dhcid', { direction: 'reverse', action: 'remove' }, ['YXRRSET'], 'alias'],
    ['no-check-without-dhcid', {}, ['YXRRSET'], 'whose'],
    ['no-check-without-dhcid', { action: 'remove' }, ['NOERROR'], 'done'],
    ['no-check-without-dhcid', { direction: 'reverse' }, ['YXRRSET'], 'alias'],
    ['no-check-without-dhcid', { direction: 'reverse', action: 'remove' }, ['NOERROR'], 'done'],
  ]
  for (const [mode, options, rcodes, expected] of rows) {
    const transaction = begin({ ...options, registration: { mode } })
    t.equal(outcome(transaction, ...rcodes), expected, `${mode} ${rcodes}`)
  }
})

t.test('whose name it is decides its DHCID', async (t) => {
  const used = (...answers: DnsRecord[]): Verdict | undefined => {
    const transaction = begin()
    after(transaction, 'YXDOMAIN', 'NXRRSET')
    return transaction.take(reply('NOERROR', answers))
  }
  t.same(used(), { kind: 'conflict', dhcid: '' }, 'a name that somebody wrote by hand')
  t.same(used(dhcid(OTHER)), { kind: 'conflict', dhcid: OTHER })
  t.same(used(dhcid(OTHER), dhcid(PC1)), { kind: 'conflict', dhcid: OTHER }, 'two: nobody’s')
  t.same(used(alias(NAME, 'x.test')), { kind: 'conflict', dhcid: '' }, 'an alias')
  t.same(used(record('x.test', RR_TYPE.dhcid, PC1)), { kind: 'conflict', dhcid: '' })
  t.equal(used(dhcid(PC1)), undefined, 'ours by now')
})

t.test('a machine joins its name of the other family, and leaves it', async (t) => {
  const registration = { aliases: [DUAL], known: [DUAL] }
  const add = begin({ registration })
  after(add, 'YXDOMAIN', 'NXRRSET')
  t.equal(add.take(reply('NOERROR', [dhcid(DUAL)])), undefined)
  t.equal(dhcidWanted(add), DUAL, 'atomic: it is still there')
  const types = (add.request as DnsUpdate).updates.map(({ type }) => type)
  t.notOk(types.includes(RR_TYPE.dhcid), 'and it stays')
  t.same(after(add, 'NOERROR'), DONE)

  const remove = begin({ action: 'remove', registration })
  after(remove, 'NXRRSET')
  t.equal(remove.take(reply('NOERROR', [dhcid(DUAL)])), undefined)
  t.equal(dhcidWanted(remove), DUAL)
  after(remove, 'NOERROR')
  t.equal(dhcidWanted(remove), DUAL)
  t.same(after(remove, 'YXRRSET'), DONE, 'the other family has the name')
})

t.test('a name is joined when it is stored under whose identifier it stands', async (t) => {
  const add = begin({ registration: { aliases: [DUAL] } })
  after(add, 'YXDOMAIN', 'NXRRSET')
  t.same(add.take(reply('NOERROR', [dhcid(DUAL)])), { kind: 'joins', dhcid: DUAL })
})

t.test('what leads to the address of a shared lease was registered for it', async (t) => {
  const found = (order: OrderOptions, ...addresses: DnsRecord[]): Verdict | undefined => {
    const add = begin({ isShared: true, ...order })
    after(add, 'YXDOMAIN', 'NXRRSET')
    t.equal(add.take(reply('NOERROR', [dhcid(OTHER)])), undefined)
    t.equal(asked(add.request), RR_TYPE.a)
    return add.take(reply('NOERROR', addresses))
  }
  const at = (address: string, type: number = RR_TYPE.a) => record(NAME, type, address)
  const [own, other] = ['\xc0\0\x02\x0a', '\xc0\0\x02\x0b']
  const [joins, conflict] = [
    { kind: 'joins', dhcid: OTHER },
    { kind: 'conflict', dhcid: OTHER },
  ]
  t.same(found({}, at(own)), joins)
  t.same(found({}, at(other), at(own)), joins)
  t.same(found({}, at(other)), conflict, 'it leads elsewhere')
  t.same(found({}, record('x.test', RR_TYPE.a, own)), conflict)
  t.same(found({}), conflict, 'or nowhere')
  const known = { registration: { aliases: [OTHER], known: [OTHER] } }
  const again = begin({ isShared: true, ...known })
  after(again, 'YXDOMAIN', 'NXRRSET')
  again.take(reply('NOERROR', [dhcid(OTHER)]))
  t.equal(dhcidWanted(again), OTHER, 'once it is stored it is taken with it')
  const alone = begin()
  after(alone, 'YXDOMAIN', 'NXRRSET')
  t.same(alone.take(reply('NOERROR', [dhcid(OTHER)])), conflict, 'nobody else gives it')
})

t.test('a DHCID of the same digest is the same machine’s', async (t) => {
  const byAddress = `\0\0${PC1.slice(2)}`
  const add = begin()
  after(add, 'YXDOMAIN', 'NXRRSET')
  t.equal(add.take(reply('NOERROR', [dhcid(byAddress)])), undefined)
  t.equal(dhcidWanted(add), byAddress)
})

t.test('a name that is gone, or another’s, has nothing that could be taken', async (t) => {
  for (const answers of [[], [dhcid(OTHER)], [dhcid(DUAL), dhcid(OTHER)]]) {
    const remove = begin({ action: 'remove', registration: { aliases: [DUAL] } })
    after(remove, 'NXRRSET')
    t.same(remove.take(reply('NOERROR', answers)), DONE)
  }
  const remove = begin({ action: 'remove' })
  after(remove, 'NXRRSET')
  t.same(remove.take(reply('NXDOMAIN')), DONE)
})

t.test('a name that changes all the time is not tried for ever', async (t) => {
  const add = begin()
  const verdicts: (Verdict | undefined)[] = []
  while (verdicts.at(-1) === undefined && verdicts.length < 20)
    verdicts.push(after(add, 'YXDOMAIN', 'NXDOMAIN'))
  t.equal(verdicts.length, 3)
  t.same(verdicts.at(-1), { kind: 'failed', rcode: RCODE.NXDOMAIN })

  const joining = begin()
  const turns: (Verdict | undefined)[] = []
  after(joining, 'YXDOMAIN')
  while (turns.at(-1) === undefined && turns.length < 20) {
    after(joining, 'NXRRSET')
    turns.push(joining.take(reply('NOERROR', [dhcid(PC1)])))
  }
  t.match(turns.at(-1), { kind: 'failed' })
  t.equal(turns.length, 3)
})

t.test('check-exists: a DHCID that came meanwhile is begun with anew', async (t) => {
  const add = begin({ registration: { mode: 'check-exists-with-dhcid' } })
  after(add, 'YXDOMAIN', 'NXRRSET')
  t.equal(add.take(reply('NOERROR', [dhcid(OTHER)])), undefined)
  t.equal(asked(add.request), 'open.test')
  after(add, 'YXDOMAIN', 'NXRRSET')
  t.same(add.take(reply('NOERROR')), { kind: 'conflict', dhcid: '' }, 'written by hand')
})

t.test('no-check: an alias is in the way, and nothing is added beside it', async (t) => {
  for (const mode of ['no-check-with-dhcid', 'no-check-without-dhcid'] as const) {
    const add = begin({ registration: { mode } })
    after(add, 'YXRRSET')
    t.same(add.take(reply('NOERROR', [alias(NAME, 'x.test')])), { kind: 'conflict', dhcid: '' })
    const other = begin({ registration: { mode } })
    after(other, 'YXRRSET')
    t.equal(other.take(reply('NOERROR')), undefined, 'it is gone')
    t.same(after(other, 'NOERROR'), DONE)
  }
})

t.test('RFC 2317: the name of an address leads elsewhere', async (t) => {
  const target = '10.0-25.2.0.192.in-addr.arpa'
  for (const action of ['add', 'remove'] as const) {
    const options: OrderOptions = { action, direction: 'reverse' }
    const first = begin(options)
    after(first, action === 'add' ? 'YXRRSET' : 'NXRRSET')
    t.same(first.take(reply('NOERROR', [alias(REVERSE, target)])), { kind: 'moved', name: target })

    const there = begin({ ...options, name: target, zone: '0-25.2.0.192.in-addr.arpa' })
    after(there, action === 'add' ? 'YXRRSET' : 'NXRRSET')
    const verdict = there.take(reply('NOERROR', [alias(target, REVERSE)]))
    t.same(verdict, action === 'add' ? { kind: 'conflict', dhcid: '' } : DONE, 'no circle')
  }
  const remove = begin({ action: 'remove', direction: 'reverse' })
  after(remove, 'NXRRSET')
  t.same(remove.take(reply('NXDOMAIN')), DONE, 'another name has the address by now')
})

t.test('a zone that is not known is asked for', async (t) => {
  const answers = [
    reply('NOERROR', [], [soa('test'), record('test', RR_TYPE.a)]),
    reply('NXDOMAIN', [], [soa('test')]),
    reply('NOERROR', [soa(NAME)]),
  ]
  for (const answer of answers) {
    const add = begin({ zone: undefined })
    t.same(add.request, { kind: 'query', name: NAME, type: RR_TYPE.soa })
    t.equal(add.take(answer), undefined)
    t.equal(asked(add.request), add.zone)
    t.same(after(add, 'NOERROR'), DONE)
  }
  const nowhere = begin({ zone: undefined }).take(reply('NOERROR', [], [soa('other.test')]))
  t.same(nowhere, { kind: 'blocked', rcode: RCODE.NOTAUTH })
  const refused = begin({ zone: undefined }).take(reply('REFUSED'))
  t.same(refused, { kind: 'blocked', rcode: RCODE.REFUSED })
  const target = '10.0-25.2.0.192.in-addr.arpa'
  const reverse = begin({ zone: undefined, direction: 'reverse' })
  t.same(reverse.take(reply('NOERROR', [alias(REVERSE, target)])), { kind: 'moved', name: target })
})

t.test('a zone that is not the server’s is looked for once', async (t) => {
  const add = begin({ zone: 'test' })
  t.equal(outcome(add, 'NOTAUTH'), 'zone')
  t.equal(add.take(reply('NOERROR', [], [soa('open.test')])), undefined)
  t.equal(asked(add.request), 'open.test')
  t.same(after(add, 'NOTAUTH'), { kind: 'blocked', rcode: RCODE.NOTAUTH })

  const same = begin()
  after(same, 'NOTZONE')
  const verdict = same.take(reply('NXDOMAIN', [], [soa('open.test')]))
  t.same(verdict, { kind: 'blocked', rcode: RCODE.NOTZONE })
})

t.test('silence, whatever was asked, is the server’s, and the change is tried again', async (t) => {
  for (const before of [[], ['YXDOMAIN'], ['YXDOMAIN', 'NXRRSET']] as const) {
    const add = begin()
    after(add, ...before)
    const verdict = add.take({ kind: 'silence', trouble: 'unreachable', detail: 'no route' })
    t.same(verdict, { kind: 'retry', trouble: 'unreachable', detail: 'no route' })
  }
})

t.test('an answer that was lost: the same again finds what it left', async (t) => {
  const add = begin()
  t.equal(after(add, 'YXDOMAIN'), undefined)
  t.equal(dhcidWanted(add), PC1)
  t.same(after(add, 'NOERROR'), DONE)
})

t.test('other addresses of the client stay under its name', async (t) => {
  const beside = ['\xc0\0\x02\x0b', '\xc0\0\x02\x0c']
  const add = begin({ beside })
  const { updates } = add.request as DnsUpdate
  t.same(
    updates.filter(({ type }) => type === RR_TYPE.a).map(({ data }) => data),
    ['\xc0\0\x02\x0a', ...beside],
  )
  for (const mode of ['no-check-with-dhcid', 'no-check-without-dhcid'] as const) {
    const remove = begin({ action: 'remove', beside, registration: { mode } })
    t.match(
      (remove.request as DnsUpdate).updates,
      [{ type: RR_TYPE.a, dnsClass: 254, data: '\xc0\0\x02\x0a' }],
      mode,
    )
    t.equal((remove.request as DnsUpdate).updates.length, 1)
  }
})

t.test(
  'apart from the partner, which may have registered another address, that one is left',
  async (t) => {
    for (const mode of ['no-check-with-dhcid', 'no-check-without-dhcid'] as const) {
      const remove = begin({ action: 'remove', isApart: true, registration: { mode } })
      const { prerequisites, updates } = remove.request as DnsUpdate
      t.strictSame(prerequisites, [])
      t.match(updates, [{ type: RR_TYPE.a, dnsClass: 254, data: '\xc0\0\x02\x0a' }], mode)
      t.equal(updates.length, 1)
      if (mode === 'no-check-without-dhcid') t.match(after(remove, 'NOERROR'), { kind: 'done' })
      else {
        t.equal(after(remove, 'NOERROR'), undefined)
        const last = remove.request as DnsUpdate
        t.equal(last.prerequisites.length, 2, 'no address is left')
        t.match(last.updates, [{ type: RR_TYPE.dhcid, dnsClass: 255 }])
        t.match(after(remove, 'YXRRSET'), { kind: 'done' })
      }
    }
  },
)

t.test('apart from who may have told the address another name, that one is left', async (t) => {
  for (const mode of ['no-check-with-dhcid', 'no-check-without-dhcid'] as const) {
    const settings = { action: 'remove', direction: 'reverse', registration: { mode } } as const
    const [alone, apart] = [begin(settings), begin({ ...settings, isApart: true })]
    const [any] = (alone.request as DnsUpdate).prerequisites
    t.equal(any!.type, RR_TYPE.cname, 'whatever it is, but an alias')
    const [own] = (apart.request as DnsUpdate).prerequisites
    t.equal(own!.type, RR_TYPE.ptr, 'what was registered')
    t.match(after(apart, 'NOERROR'), { kind: 'done' })
  }
})

t.test(
  'a DHCID leaves with the last address, also where another one is about to come',
  async (t) => {
    const remove = begin({ action: 'remove', beside: ['\xc0\0\x02\x0b'] })
    t.equal(after(remove, 'NOERROR'), undefined)
    const { updates } = remove.request as DnsUpdate
    t.match(updates, [{ type: RR_TYPE.dhcid, dnsClass: 255 }])
  },
)
