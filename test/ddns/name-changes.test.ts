// Which change of a lease changes what in DNS, as a table; and records as text.

import t from 'tap'
import {
  asTheirs,
  asTheLeaseSays,
  asThePartnerSays,
  changedNames,
  MEND_AFTER,
  movedOn,
} from '../../lib/ddns/name-changes.ts'
import {
  BOTH,
  FORWARD,
  inConflict,
  maybeFree,
  type NameEntry,
  type NameRecord,
  namesOfText,
  REVERSE,
  settled,
  textOfNames,
  tidied,
  toAdd,
  toRemove,
  withDebts,
} from '../../lib/ddns/name-record.ts'
import type { LeaseAction } from '../../lib/leases/lease.ts'

const NOW = 1_000_000
const D1 = '\x00\x01\x01'.padEnd(35, 'a')
const D2 = '\x00\x01\x01'.padEnd(35, 'b')

function wish(fqdn = 'pc1.lan', wants = BOTH, dhcid = D1) {
  return { fqdn, wants, ttl: 600, mode: 'check-with-dhcid', dhcid: () => dhcid } as const
}

function cause(action: LeaseAction | undefined, more = {}) {
  return { action, isSameClient: true, isByTime: false, updatesOnRenew: false, now: NOW, ...more }
}

function stands(entry: Partial<NameEntry> = {}): NameEntry {
  return {
    ...{
      fqdn: 'pc1.lan',
      dhcid: D1,
      also: [],
      ttl: 600,
      mode: 'check-with-dhcid',
      by: 'us',
      at: NOW - 1,
    },
    ...{ wants: BOTH, may: BOTH, sure: BOTH, isConflict: false, isMoved: false },
    ...entry,
  } as NameEntry
}

/** What is owed, shortly: `R pc1.lan 3` and `A pc2.lan 3`. */
function owed(record: NameRecord): string {
  const words = record.flatMap((entry) => [
    ...(toRemove(entry) === 0 ? [] : [`R ${entry.fqdn} ${toRemove(entry)}`]),
    ...(toAdd(entry) === 0 ? [] : [`A ${entry.fqdn} ${toAdd(entry)}`]),
  ])
  return words.join(', ')
}

t.test('what a change of a lease changes in DNS', async (t) => {
  const ROWS: readonly [what: string, after: NameRecord, owed: string][] = [
    ['the first ACK', changedNames([], wish(), cause('granted')), 'A pc1.lan 3'],
    [
      'a renewal with the name and flags that are stored',
      changedNames([stands()], wish(), cause('renewed')),
      '',
    ],
    [
      'the same while the name is not added yet: it keeps its place',
      changedNames([stands({ sure: FORWARD })], wish(), cause('renewed')),
      'A pc1.lan 2',
    ],
    [
      'a renewal with another name',
      changedNames([stands()], wish('pc2.lan'), cause('renewed')),
      'R pc1.lan 3, A pc2.lan 3',
    ],
    [
      'a renewal with other flags',
      changedNames([stands()], wish('pc1.lan', REVERSE), cause('renewed')),
      'R pc1.lan 1, A pc1.lan 2',
    ],
    [
      'a renewal where each is to update: added again, never removed',
      changedNames([stands()], wish(), cause('renewed', { updatesOnRenew: true })),
      'A pc1.lan 3',
    ],
    [
      'a renewal a day later mends what somebody spoilt',
      changedNames([stands({ at: NOW - MEND_AFTER })], wish(), cause('renewed')),
      'A pc1.lan 3',
    ],
    [
      'a renewal of a name that is another’s is not tried again',
      changedNames([inConflict(stands(), NOW)], wish(), cause('renewed')),
      'R pc1.lan 2',
    ],
    [
      'a client that shows another identifier keeps the name as it was registered',
      changedNames([stands()], wish('pc1.lan', BOTH, D2), cause('renewed')),
      '',
    ],
    [
      'the address goes to another client before it was reclaimed',
      changedNames(
        [stands()],
        wish('pc2.lan', BOTH, D2),
        cause('granted', { isSameClient: false }),
      ),
      'R pc1.lan 3, A pc2.lan 3',
    ],
    [
      'the same where the name comes from the address',
      changedNames(
        [stands()],
        wish('pc1.lan', BOTH, D2),
        cause('granted', { isSameClient: false }),
      ),
      'R pc1.lan 3, A pc1.lan 3',
    ],
    ['RELEASE', changedNames([stands()], undefined, cause('released')), 'R pc1.lan 3'],
    ['DECLINE', changedNames([stands()], undefined, cause('declined')), 'R pc1.lan 3'],
    ['expiry', changedNames([stands()], undefined, cause('expired')), 'R pc1.lan 3'],
    [
      'the row is gone',
      changedNames([stands({ wants: 0 })], undefined, cause(undefined)),
      'R pc1.lan 3',
    ],
    [
      'given again to the same client before the name was removed',
      changedNames([stands({ wants: 0 })], wish(), cause('granted')),
      'A pc1.lan 3',
    ],
    ['a lease without a name', changedNames([], undefined, cause('granted')), ''],
  ]
  for (const [what, after, expected] of ROWS) t.equal(owed(after), expected, what)
})

t.test('what has not changed is the same object: nothing is stored', async (t) => {
  const record = [stands()]
  t.equal(changedNames(record, wish(), cause('renewed')), record)
  t.equal(asTheLeaseSays(record, wish(), { isSameClient: true, now: NOW }), record)
})

t.test('a name that the partner has registered is ours once we give its lease', async (t) => {
  const [entry] = changedNames([stands({ by: 'partner' })], wish(), cause('renewed'))
  t.equal(entry?.by, 'us')
  const [left] = changedNames([stands({ by: 'partner' })], undefined, cause('released'))
  t.equal(left?.by, 'us', 'whoever hears the RELEASE removes it')
  const byTime = cause('expired', { isByTime: true })
  const [over] = changedNames([stands({ by: 'partner' })], undefined, byTime)
  t.equal(over?.by, 'partner', 'what ends by itself is removed by who gave it')
})

t.test('a client that moves on leaves its former address in the subnet for good', async (t) => {
  t.equal(owed([movedOn(stands(), true, NOW)]), 'R pc1.lan 3')
  t.equal(owed([movedOn(stands(), false, NOW)]), 'R pc1.lan 1', 'elsewhere the PTR stays')
  const back = changedNames([movedOn(stands(), false, NOW)], wish(), cause('renewed'))
  t.equal(owed(back), 'A pc1.lan 3', 'and it may come back')
  const left = tidied([settled(movedOn(stands(), true, NOW), BOTH, false, NOW)])
  t.equal(owed(left), '')
  t.equal(owed(changedNames(left, wish(), cause('renewed'))), 'A pc1.lan 3', 'to the former, too')
  t.same(changedNames(left, undefined, cause('expired')), [], 'nothing is kept behind the lease')
  t.same(asTheLeaseSays(left, wish(), { isSameClient: true, now: NOW }), left)
  t.same(asTheLeaseSays(left, undefined, { isSameClient: true, now: NOW }), [])
})

t.test('a name that is somebody else’s: its address is not told to lead there', async (t) => {
  const same = { isSameClient: true, now: NOW }
  const entry = inConflict(stands(), NOW)
  t.equal(owed([entry]), 'R pc1.lan 2')
  const done = tidied([settled(entry, REVERSE, false, NOW)])
  t.equal(owed(done), '')
  t.equal(asTheLeaseSays(done, wish(), same), done, 'that it is stays known')
  t.equal(owed(done.map(maybeFree)), 'A pc1.lan 3', 'until it may be free')
  t.same(changedNames(done, undefined, cause('released')), [], 'nothing is to be removed then')
})

t.test('what another server has done to the lease counts', async (t) => {
  const same = { isSameClient: true, now: NOW }
  t.equal(owed(asTheLeaseSays([stands()], wish('pc2.lan'), same)), 'R pc1.lan 3', 'another name')
  t.equal(owed(asTheLeaseSays([stands()], undefined, same)), 'R pc1.lan 3', 'no lease')
  const leaving = [stands({ wants: 0 })]
  const again = owed(asTheLeaseSays(leaving, wish(), same))
  t.equal(again, 'A pc1.lan 3', 'it has the name again: not removed, and not sure to stand')
  const other = { isSameClient: false, now: NOW }
  const theirs = asTheLeaseSays([stands()], wish('pc1.lan', BOTH, D2), other)
  t.equal(owed(theirs), 'R pc1.lan 3', 'it is another client’s')
  const moved = [movedOn(stands(), true, NOW)]
  t.equal(owed(asTheLeaseSays(moved, wish(), same)), 'R pc1.lan 3', 'its client has moved on')
})

t.test('a lease that the partner tells of has its name, though no record was told', async (t) => {
  const same = { isSameClient: true, now: NOW }
  const heard = { by: 'partner', isRevived: false } as const
  const done = stands({ by: 'partner', at: NOW - MEND_AFTER })
  const known = asThePartnerSays([], wish(), same, heard)
  t.same(known, [done], 'it is done, and the partner’s')
  t.equal(owed(changedNames(known, wish(), cause('renewed'))), 'A pc1.lan 3', 'when is not known')
  t.equal(owed(changedNames(known, undefined, cause('released'))), 'R pc1.lan 3')
  t.same(asThePartnerSays([], wish(), same, { ...heard, by: 'us' }), [{ ...done, by: 'us' }])
  t.equal(asThePartnerSays(known, wish(), same, heard), known)

  const leaving = stands({ fqdn: 'old.lan' })
  const both = asThePartnerSays([leaving], wish(), same, heard)
  t.equal(owed(both), 'R old.lan 3')
  t.equal(both.length, 1, 'where another name stands the records say what is sure')

  const revived = asThePartnerSays([], wish(), same, { ...heard, isRevived: true })
  t.equal(owed(revived), 'A pc1.lan 3', 'it had ended here')
  t.equal(revived[0]!.by, 'us')
  t.same(asThePartnerSays([], undefined, same, heard), [])
})

t.test('a lease that another server has written: what only this one can remove', async (t) => {
  const cause = { isSameClient: false, now: NOW, readAt: NOW }
  const leaves = (entry: NameEntry, readAt = NOW) =>
    owed(asTheirs([entry], undefined, wish(), { ...cause, readAt }))
  t.equal(leaves(stands()), '', 'who stored the end of the lease removes it')
  t.equal(leaves(stands({ dhcid: 'another' })), 'R pc1.lan 3')
  t.equal(leaves(stands({ also: ['another'] })), 'R pc1.lan 3', 'it stands under that one')
  t.equal(leaves(stands({ sure: 0 })), 'R pc1.lan 3', 'what was sent may still come')
  t.equal(leaves(stands({ by: 'partner', sure: 0 })), '')
  t.equal(leaves(stands({ at: NOW - 2 }), NOW - 1), '')
  t.equal(leaves(stands({ at: NOW - 2 }), NOW - 3), 'R pc1.lan 3', 'it may have come later')
  const [left] = asTheirs([stands({ by: 'partner', also: ['x'] })], undefined, wish(), cause)
  t.match(left, { by: 'us', wants: 0 })
})

t.test('where others write leases, too, what was refused here may stand', async (t) => {
  const own = cause('released')
  const shared = { ...own, isShared: true }
  const conflict = stands({ isConflict: true, may: 0, sure: 0 })
  t.equal(owed(changedNames([conflict], undefined, shared)), 'R pc1.lan 3')
  t.equal(owed(changedNames([conflict], undefined, own)), '')
  const leaving = [stands({ wants: 0, may: FORWARD })]
  t.equal(changedNames(leaving, undefined, shared), leaving, 'what is being removed stays')
})

t.test('what is owed stays where a change is taken back', async (t) => {
  const [leaving, wanted] = [stands({ wants: 0 }), stands({ fqdn: 'pc2.lan' })]
  t.strictSame(withDebts([], [leaving, wanted]), [leaving])
  const kept = [stands()]
  t.equal(withDebts(kept, [leaving]), kept, 'it stands again')
  t.same(withDebts([], [stands({ wants: 0, may: 0 })]), [])
})

t.test('records of two servers one behind the other have a name of a client once', async (t) => {
  const one = stands({ by: 'partner' })
  const two = stands({ sure: 0, may: FORWARD })
  const other = stands({ fqdn: 'old.lan' })
  const text = `${textOfNames([one, other]).slice(0, -1)},${textOfNames([two]).slice(1)}`
  t.same(namesOfText(text), [{ ...one, by: 'us', sure: 0 }, other])
})

t.test('what is done is no longer owed, and what does not stand is forgotten', async (t) => {
  const added = settled(stands({ sure: 0 }), FORWARD, true, NOW)
  t.equal(owed([added]), 'A pc1.lan 2')
  t.equal(owed([settled(added, REVERSE, true, NOW)]), '')
  const half = settled(stands({ wants: 0 }), FORWARD, false, NOW)
  t.equal(owed([half]), 'R pc1.lan 2')
  t.same(tidied([settled(half, REVERSE, false, NOW)]), [])
})

t.test('records are stored as text and read again', async (t) => {
  const record = [
    stands({ isConflict: true, by: 'partner', mode: 'no-check-without-dhcid' }),
    stands({ fqdn: 'b\xe4r.lan', isMoved: true, wants: REVERSE, sure: 0, also: [D2] }),
  ]
  t.same(namesOfText(textOfNames(record)), record)
  t.equal(textOfNames([]), '', 'none is taken out')
  const good = JSON.parse(textOfNames(record))[0]
  for (const bad of [
    { wants: 4 },
    { by: 'me' },
    { dhcid: 'x' },
    { fqdn: '' },
    { at: null },
    { also: ['x'] },
  ])
    t.equal(namesOfText(JSON.stringify([{ ...good, ...bad }])), undefined, JSON.stringify(bad))
  for (const bad of ['', 'null', '{}', '[1]', JSON.stringify(new Array(65).fill(good))])
    t.equal(namesOfText(bad), undefined, bad.slice(0, 20))
  const several = JSON.stringify(
    Array.from({ length: 24 }, (_, at) => ({ ...good, fqdn: `${at}.lan` })),
  )
  t.equal(namesOfText(several)?.length, 24, 'of three servers, two of which are gone')
})

t.test('of too many names those are given up that DNS has never confirmed', (t) => {
  const doubtful = (number: number) => stands({ fqdn: `pc${number}.lan`, wants: 0, sure: 0 })
  const standing = stands({ fqdn: 'old.lan', wants: 0 })
  const wanted = stands({ fqdn: 'new.lan', sure: 0 })
  const many = [1, 2, 3, 4, 5, 6, 7, 8].map(doubtful)
  const names = (record: readonly NameEntry[]) => record.map(({ fqdn }) => fqdn).join(' ')
  t.equal(
    names(tidied([standing, ...many, wanted])),
    'old.lan pc3.lan pc4.lan pc5.lan pc6.lan pc7.lan pc8.lan new.lan',
  )
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) =>
    stands({ fqdn: `pc${number}.lan`, wants: 0 }),
  )
  t.equal(names(tidied(all)), names(all.slice(1)), 'of those that stand the oldest')
  t.end()
})
