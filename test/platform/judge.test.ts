// Large configurations are judged by a thread: what comes of it is what would come of it in the
// loop.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkConfig } from '../../lib/config/check.ts'
import { editedBy } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { jsonPieces, parsedJson } from '../../lib/platform/configuration/json-pieces.ts'
import { Judge } from '../../lib/platform/configuration/judge.ts'
import {
  type Judged,
  judgedBy,
  type ServerFacts,
  type Wanted,
} from '../../lib/platform/configuration/judging.ts'

const FACTS: ServerFacts = {
  words: { thisServer: undefined },
  running: undefined,
  prefixSources: [],
}

const REPLACE: Wanted = { kind: 'members', isTrial: false }
const TRIAL: Wanted = { kind: 'members', isTrial: true }

function campus(subnets: number, more: object = {}): { readonly Dhcp4: object } {
  const subnet4 = Array.from({ length: subnets }, (_, index) => ({
    id: index + 1,
    subnet: `10.${index >> 8}.${index & 255}.0/24`,
    pools: [{ pool: `10.${index >> 8}.${index & 255}.100-10.${index >> 8}.${index & 255}.200` }],
    ...(index === 2 ? more : {}),
  }))
  return { Dhcp4: { subnet4 } }
}

const BEFORE = checkConfig(campus(200)).document!

/** What it says; `isLater`: not before the loop has gone on. */
function judged(wanted: Wanted, members: object, before: ConfigDocument = BEFORE) {
  return new Promise<Judged & { readonly isLater: boolean }>((resolve) => {
    let isLater = false
    new Judge().judge(FACTS, wanted, { before, members }, [], (found) =>
      resolve({ ...found, isLater }),
    )
    isLater = true
  })
}

t.test('what is large is judged as it would be at once, in a turn of its own', async (t) => {
  const cases: Readonly<Record<string, [Wanted, object]>> = {
    'one change': [REPLACE, campus(200, { 'valid-lifetime': 700 })],
    'a hundred new ones': [REPLACE, campus(300)],
    'a wrong type': [REPLACE, campus(200, { 'valid-lifetime': 'long' })],
    'several faults': [TRIAL, campus(200, { 'valid-lifetime': 'long', pools: [{ pool: '10' }] })],
    'a number beyond all': [TRIAL, campus(200, { 'valid-lifetime': 12345678901234567890n })],
  }
  for (const [what, [wanted, members]] of Object.entries(cases)) {
    const { isLater, ...found } = await judged(wanted, members)
    t.ok(isLater, what)
    const atOnce = judgedBy(FACTS, wanted, { before: BEFORE, members })
    t.same(found, JSON.parse(JSON.stringify(atOnce)), what)
  }
})

t.test('what is small is judged at once', async (t) => {
  const before = checkConfig(campus(3)).document!
  const { isLater, edits } = await judged(REPLACE, campus(4), before)
  t.notOk(isLater)
  t.equal(edits?.length, 1)
})

function file(t: Test, text: string): Wanted {
  const folder = mkdtempSync(join(tmpdir(), 'whio-judge-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'whio.json')
  writeFileSync(path, text)
  return { kind: 'files', files: [path] }
}

t.test('a large file is read by the thread, and its faults have their lines', async (t) => {
  const wanted = campus(300, { 'valid-lifetime': 700 })
  const read = await judged(file(t, JSON.stringify(wanted, null, 1)), {})
  t.ok(read.isLater)
  t.match(read, { digest: /^[0-9a-f]{64}$/, trouble: '' })
  t.same(editedBy(BEFORE, read.edits ?? []), checkConfig(wanted).document)
  const wrong = await judged(
    file(t, JSON.stringify(campus(200, { 'valid-lifetime': 'long' }), null, 1)),
    {},
  )
  t.equal(wrong.edits, undefined)
  t.match(
    wrong.problems.find(({ severity }) => severity === 'error'),
    { code: 'wrong-type', place: { line: /^\d+$/ } },
  )
  const gone = await judged({ kind: 'files', files: ['/nowhere/whio.json'] }, {})
  t.match(gone, { edits: undefined, trouble: /nowhere.*cannot be read/ })
})

t.test('one is judged after the other, and not without end', async (t) => {
  const judge = new Judge()
  const told: Judged[] = []
  await new Promise<void>((resolve) => {
    for (let nth = 0; nth < 6; nth++)
      judge.judge(FACTS, REPLACE, { before: BEFORE, members: campus(200) }, [], (one) => {
        told.push(one)
        if (told.length === 6) resolve()
      })
    t.match(told, [{ trouble: /ask again/ }, { trouble: /ask again/ }])
  })
  t.equal(told.filter(({ edits }) => edits?.length === 0).length, 4)
})

t.test('JSON in pieces is JSON', async (t) => {
  const values: readonly unknown[] = [
    {},
    [],
    null,
    'text',
    { a: [], b: {}, c: undefined, d: [1, [2, { e: 'f' }], {}] },
    { list: Array.from({ length: 20_000 }, (_, id) => ({ id, name: 'ä"\n', of: [id] })) },
  ]
  for (const value of values) {
    const pieces = [...jsonPieces(value)]
    t.same(parsedJson(pieces.join('')), JSON.parse(JSON.stringify(value)))
    t.ok(pieces.every(({ length }) => length < 70_000))
  }
  t.same(
    parsedJson([...jsonPieces({ a: 12345678901234567890n, b: '12345678901234567890' })].join('')),
    {
      a: 12345678901234567890n,
      b: '12345678901234567890',
    },
  )
})
