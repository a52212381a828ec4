// The canonical form of a document: what Kea's clients read, and write back.

import { deepStrictEqual, strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { canonical } from '../../lib/config/canonical/canonical.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Problem } from '../../lib/config/text/problem.ts'
import { FILES, loaded, loadedFrom } from './canonical-documents.ts'
import { dhcp4, dhcp6 } from './random-documents.ts'

t.test('what is got and set again is what it was', async (t) => {
  for (const file of FILES) {
    const { document, plan, problems } = loaded(file)
    if (document === undefined) {
      t.fail(`${file.name} is not read`)
      continue
    }
    const got = both(document)
    const again = loadedFrom({ ...document, ...got })
    t.strictSame(both(again.document!), got, `${file.name}: the canonical form is its own`)
    t.equal(again.plan?.fingerprint, plan?.fingerprint, `${file.name}: and gives the same`)
    t.strictSame(errorsIn(again.problems), errorsIn(problems), `${file.name}: and is told the same`)
  }
})

t.test('and so it is with random documents, down to what clients get', async (t) => {
  const documents = fc.record({ Dhcp4: dhcp4, Dhcp6: dhcp6 })
  let served = 0
  fc.assert(
    fc.property(documents, (given) => {
      const { document, plan } = loadedFrom(given)
      if (plan === undefined) return true
      served++
      const got = both(document!)
      const again = loadedFrom(got)
      if (again.plan === undefined) return false
      // assert's own words make fast-check look for the smallest document.
      deepStrictEqual(both(again.document!), got)
      strictEqual(again.plan.fingerprint, plan.fingerprint)
      deepStrictEqual(givenBy(again.plan), givenBy(plan))
      return true
    }),
    { numRuns: 60, seed: 12 },
  )
  t.ok(served > 30, `${served} could be served`)
})

function errorsIn(problems: readonly Problem[]): readonly string[] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  return errors.map(({ code, message }) => `${code}: ${message}`).sort()
}

function both(document: ConfigDocument) {
  const [Dhcp4, Dhcp6] = [canonical(document, 4), canonical(document, 6)]
  return { ...(Dhcp4 && { Dhcp4 }), ...(Dhcp6 && { Dhcp6 }) }
}

/** What clients of each subnet get. */
function givenBy({ dhcp4, dhcp6 }: Plan) {
  const subnets = [...(dhcp4?.subnets ?? []), ...(dhcp6?.subnets ?? [])]
  return subnets.map((subnet) => {
    const { scope, ...others } = subnet as unknown as { scope?: { given: unknown } }
    return JSON.parse(JSON.stringify({ ...others, scope: { ...scope, given: 0 } }, plain))
  })
}

/** What leads back to a subnet is told by name. */
function plain(key: string, value: unknown): unknown {
  if (key === 'network') return (value as { name: string } | undefined)?.name
  return typeof value === 'bigint' ? `${value}` : value
}
