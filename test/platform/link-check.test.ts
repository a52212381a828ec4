// What `whio check` finds out about the certificate of a server of a pair.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { HaPlan, HaTls } from '../../lib/config/plan/ha-plan.ts'
import { certificateProblems } from '../../lib/platform/link/check.ts'
import { makeCertificates, tlsOf } from './link-world.ts'

const DAY = 86_400_000

t.test('certificates', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-check-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  makeCertificates(folder, 'server1=192.0.2.1', 'server2=192.0.2.2', 'else=192.0.2.3')
  const [one, two, other] = ['server1', 'server2', 'else'].map((name) => tlsOf(folder, name))

  /** What is said of server1 with these files. */
  const said = (tls: HaTls | undefined, now = Date.now(), checked = true): string[] => {
    const thisServer = { name: 'server1', tls, url: { host: '192.0.2.1' } }
    const partner = { name: 'server2', tls: two, url: { host: '192.0.2.2' } }
    const plan = { thisServer, peers: [thisServer, partner], checksCertificateNames: checked }
    return certificateProblems(plan as unknown as HaPlan, now).map(
      ({ severity, text }) => `${severity}: ${text.replace(`${folder}/`, '')}`,
    )
  }
  t.same(said(undefined), [])
  t.same(said(one), [])
  t.same(said(other), [
    "error: else.crt: the certificate names else, 192.0.2.3, neither 'server1' nor 192.0.2.1",
  ])
  t.same(said(other, Date.now(), false), [], 'nobody looks at the name')
  t.same(said(two), [
    "error: server2.crt: it is the certificate of 'server2', and this is 'server1'",
  ])
  t.match(said({ ...one!, keyFile: two!.keyFile }), [
    /^error: .* cannot be used together: the key does not belong to the certificate$/,
  ])
  t.match(said({ ...one!, trustAnchor: two!.keyFile }), [/^error: .*holds no certificate/])
  t.match(said(one, Date.now() + 800 * DAY), [/^warning: server1.crt: it ends at /])
  t.match(said(one, Date.now() + 900 * DAY), [/^error: server1.crt: it ended at /])
  t.match(said(one, Date.now() - DAY), [/^error: server1.crt: not valid before /])
})
