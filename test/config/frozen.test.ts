// A document is never written to: what is read stays as it was read, and what is compiled as it was
// judged, whatever is wrong with it, and the places of problems are right all the same.

import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { checkRead, parseConfig } from '../../lib/config/check.ts'
import { compile } from '../../lib/config/compile/compile.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { readDocument } from '../../lib/config/text/read.ts'
import { frozen } from './frozen.ts'

const ROOT = new URL('../../', import.meta.url)

/** Everything that makes the judge rewrite something. */
const REWRITTEN = `{
  "Logging": { "loggers": [ { "name": "kea-dhcp4", "severity": "warn" } ] },
  "Dhcp4": {
    "interfaces-config": { "interfaces": ["*"] },
    "reservation-mode": "global",
    "dhcp-ddns": { "qualifying-suffix": "example.org", "enable-updates": false },
    "valid-lifetime": "long",
    "allocator": "flq",
    "shared-networks": [
      { "name": "n", "subnet4": [ { "subnet": "192.0.2.0/24", "client-class": "ALL" } ] }
    ],
    "subnet4": [
      { "subnet": "198.51.100.0/24", "relay": { "ip-address": "198.51.100.1" }, "pools": [ 7,
        { "pool": "198.51.100.10 - 198.51.100.20", "client-class": "" } ] },
      { "subnt": "203.0.113.0/24" },
      { "id": 0, "subnet": "203.0.113.0/24", "reservations": [ { "ip-address": "203.0.114.1" } ] }
    ]
  }
}`

function examples(): (readonly [file: string, text: string])[] {
  const files = readdirSync(new URL('examples/', ROOT)).filter((file) => file.endsWith('.json'))
  const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
  return files.map((file) => [file, read(`examples/${file}`)] as const)
}

t.test('documents are never written to', async (t) => {
  const mistakes = readFileSync(new URL('test/config/twenty-mistakes.conf', ROOT), 'utf8')
  const cases = [...examples(), ['mistakes', mistakes], ['rewritten', REWRITTEN]] as const
  for (const [file, text] of cases) {
    const read = readDocument(text, file, () => undefined)
    const before = structuredClone(read.value)
    frozen(read.value)
    const checked = checkRead(read)
    t.same(read.value, before, `${file}: as it was read`)
    const lines = parseConfig(text, file, () => undefined).problems.map(formatProblem)
    t.same(checked.problems.map(formatProblem), lines, `${file}: the same is said`)
    const document = frozen(checked.document)!
    const judged = structuredClone(document)
    const context = { stateDirectory: '/nowhere', thisServer: 'server1' }
    const { problems } = compile(document, context)
    t.same(document, judged, `${file}: as it was judged`)
    const located = problems.map((problem) => checked.positions.locate(problem))
    for (const { place, message } of located) t.ok(place, `${file}: ${message}`)
  }
})

t.test('a document shares what is not rewritten with what was read', async (t) => {
  const read = readDocument(REWRITTEN, 'f', () => undefined)
  const Dhcp4 = checkRead(read).document!.Dhcp4!
  const global = (read.value as { Dhcp4: typeof Dhcp4 }).Dhcp4
  t.not(Dhcp4.subnet4, global.subnet4)
  t.equal(Dhcp4['interfaces-config'], global['interfaces-config'])
  t.equal(Dhcp4.subnet4![1]!.reservations, global.subnet4![2]!.reservations)
})
