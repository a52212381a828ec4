// Two servers of a pair tell each other what stands in DNS for an address.

import t from 'tap'
import { BOTH, FORWARD, type NameEntry, REVERSE } from '../../lib/ddns/name-record.ts'
import { told } from '../../lib/server/names/told.ts'

function entry(name: string, more: Partial<NameEntry> = {}): NameEntry {
  return {
    ...{ fqdn: `${name}.lan`, dhcid: name, also: [], ttl: 600, mode: 'check-with-dhcid' },
    ...{ wants: BOTH, may: BOTH, sure: BOTH, isConflict: false, isMoved: false, by: 'us', at: 0 },
    ...more,
  }
}

const byNobody = () => false

t.test(
  'in a cut this server made the address lead elsewhere: the partner adds it again',
  async (t) => {
    const before = entry('before', { wants: 0 })
    const met = told([before], [entry('now')], byNobody)
    const unsure = entry('now', { by: 'partner', sure: FORWARD })
    t.strictSame(met.record, [before, unsure])
    t.strictSame(met.answer, [before, unsure])

    t.test('which hears so, and says when it is done', async (t) => {
      const there = told([entry('now')], met.answer!, byNobody)
      t.strictSame(there.record[0], entry('now', { sure: FORWARD }))
      const done = told(met.record, [entry('now')], byNobody)
      t.strictSame(done.record, [before, entry('now', { by: 'partner' })])
      t.equal(done.answer, undefined, 'nothing is said twice')
    })
  },
)

t.test('what never led elsewhere is as sure as the partner says', async (t) => {
  for (const mine of [
    [],
    [entry('now', { by: 'partner', sure: 0 })],
    [entry('before', { by: 'partner', wants: 0 })],
    [entry('before', { wants: 0, may: FORWARD })],
  ]) {
    const { answer, record } = told(mine, [entry('now')], byNobody)
    t.equal(record.find(({ fqdn }) => fqdn === 'now.lan')!.sure, FORWARD | REVERSE)
    t.equal(answer, undefined)
  }
})

t.test('what is owed here this server may have removed: the partner adds it again', async (t) => {
  const { answer, record } = told([entry('now', { sure: 0 })], [entry('now')], () => true)
  t.strictSame(record, [entry('now', { by: 'partner', sure: 0 })])
  t.strictSame(answer, record)
})
