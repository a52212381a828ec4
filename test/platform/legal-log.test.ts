// The legal log on a disk: names of files, when the next one is begun, what is started then, and
// what is told where nothing can be written; and the same by syslog.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { LegalLogFiles } from '../../lib/config/plan/notices-plan.ts'
import { fileName, LegalLog } from '../../lib/platform/legal-log.ts'
import { timeText, unitsBetween } from '../../lib/platform/time-text.ts'
import type { Log, LogFields } from '../../lib/ports/log.ts'

const FILES: LegalLogFiles = {
  kind: 'files',
  folder: '',
  baseName: 'legal',
  timeUnit: 'day',
  count: 1,
  prerotate: '',
  postrotate: '',
  timestamp: '%F %T',
}

function at(text: string): number {
  return new Date(text).getTime()
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5)
}

function world(t: { after(end: () => void): unknown }) {
  const folder = mkdtempSync(join(tmpdir(), 'whio-legal-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const lines: { readonly id: string; readonly fields: LogFields }[] = []
  const runs: string[][] = []
  const log: Log = {
    enabled: () => true,
    write: (_level, id, _text, fields) => lines.push({ id, fields }),
  }
  const legal = new LegalLog(log, (program, argument) => runs.push([program, argument]))
  t.after(() => legal.close())
  return { folder, legal, lines, runs }
}

t.test('times, in the letters of strftime', async (t) => {
  const time = at('2026-03-01T09:05:07')
  const cases: Record<string, string> = {
    '%Y-%m-%d %H:%M:%S': '2026-03-01 09:05:07',
    '%y %b %B %a %A %e %j': '26 Mar March Sun Sunday  1 060',
    '%I %p %F %T %D': '09 AM 2026-03-01 09:05:07 03/01/26',
    '100%% %s': `100% ${time / 1000}`,
  }
  for (const [format, expected] of Object.entries(cases))
    t.equal(timeText(format, time), expected, format)
  t.match(timeText('%z %Z', time), /^[+-]\d{4} ([A-Z]+|[+-]\d{4})$/)
  t.equal(timeText('%I %p', at('2026-03-01T00:30:00')), '12 AM')
})

t.test('the zone is named by summer and winter', async (t) => {
  const { TZ } = process.env
  t.after(() => {
    if (TZ === undefined) delete process.env.TZ
    else process.env.TZ = TZ
  })
  process.env.TZ = 'Europe/Berlin'
  const days = ['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z', '2026-12-15T12:00:00Z']
  t.same(
    days.map((day) => timeText('%H %Z', at(day))),
    ['13 CET', '14 CEST', '13 CET'],
  )
})

t.test('how many units have begun', async (t) => {
  t.equal(unitsBetween('second', at('2026-03-01T00:00:00'), at('2026-03-01T00:01:00')), 60)
  t.equal(unitsBetween('day', at('2026-02-28T23:59:59'), at('2026-03-01T00:00:00')), 1)
  t.equal(unitsBetween('month', at('2025-12-31T23:59:59'), at('2026-03-01T00:00:00')), 3)
  t.equal(unitsBetween('year', at('2025-12-31T23:59:59'), at('2026-03-01T00:00:00')), 1)
})

t.test('names of files', async (t) => {
  const time = at('2026-03-01T09:05:07')
  t.equal(fileName(FILES, time), 'legal.20260301.txt')
  const seconds = { ...FILES, timeUnit: 'second' as const }
  t.equal(fileName(seconds, time), `legal.T${(time / 1000).toString().padStart(20, '0')}.txt`)
})

t.test('a file follows the other, and programs are started', async (t) => {
  const { folder, legal, lines, runs } = world(t)
  const to = { ...FILES, folder, count: 2, prerotate: '/bin/pre', postrotate: '/bin/post' }
  const plan = { to, formats: undefined, except: new Set<number>() }
  const days = ['2026-03-01T09:00:00', '2026-03-02T23:00:00', '2026-03-03T00:00:00']
  for (const [n, day] of days.entries()) legal.keep(plan, at(day), `line ${n}`)
  const [first, second] = ['20260301', '20260303'].map((day) => join(folder, `legal.${day}.txt`))
  t.same(runs, [
    ['/bin/pre', first],
    ['/bin/post', second],
  ])
  legal.close()
  await until(() => existsSync(second!) && readFileSync(second!, 'utf8') !== '')
  t.equal(readFileSync(first!, 'utf8'), '2026-03-01 09:00:00 line 0\n2026-03-02 23:00:00 line 1\n')
  t.equal(readFileSync(second!, 'utf8'), '2026-03-03 00:00:00 line 2\n')
  legal.keep(plan, at('2026-03-03T01:00:00'), 'after a restart')
  await until(() => readFileSync(second!, 'utf8').endsWith('01:00:00 after a restart\n'))
  t.match(readFileSync(second!, 'utf8'), /^2026-03-03 00:00:00 line 2\n/, 'it is added')
  t.same(lines, [])
})

t.test('a reload from syslog to files: no file ends, so nothing is started for one', async (t) => {
  const { folder, legal, runs } = world(t)
  const path = process.env.PATH
  t.after(() => {
    process.env.PATH = path
  })
  process.env.PATH = `${folder}:${path}`
  writeFileSync(join(folder, 'logger'), '#!/bin/sh\ncat > /dev/null\n')
  chmodSync(join(folder, 'logger'), 0o755)
  const except = new Set<number>()
  const day = at('2026-03-01T09:00:00')
  legal.keep({ to: { kind: 'syslog', facility: 'local3' }, formats: undefined, except }, day, 'one')
  const files = { ...FILES, folder, prerotate: '/bin/pre', postrotate: '/bin/post' }
  legal.keep({ to: files, formats: undefined, except }, day, 'two')
  t.same(runs, [])
})

t.test('a folder that is not there is told once, and used as soon as it is', async (t) => {
  const { folder, legal, lines } = world(t)
  const missing = join(folder, 'later')
  const plan = {
    to: { ...FILES, folder: missing, count: 0 },
    formats: undefined,
    except: new Set<number>(),
  }
  const day = at('2026-03-01T09:00:00')
  legal.keep(plan, day, 'lost')
  await until(() => lines.length > 0)
  const output = join(missing, 'legal.20260301.txt')
  t.match(lines, [
    { id: 'LEGAL_LOG_FAILED', fields: { output, why: /no such file or directory/, count: 1 } },
  ])
  mkdirSync(missing)
  while (!existsSync(output) || readFileSync(output, 'utf8') === '') {
    legal.keep(plan, day, 'kept')
    await pause(50)
  }
  t.match(readFileSync(output, 'utf8'), /^2026-03-01 09:00:00 kept\n/)
  t.equal(lines.length, 1)
})

t.test('to syslog, by the program logger', async (t) => {
  const { folder, legal, lines } = world(t)
  const path = process.env.PATH
  t.after(() => {
    process.env.PATH = path
  })
  process.env.PATH = `${folder}:${path}`
  const told = join(folder, 'told')
  writeFileSync(join(folder, 'logger'), `#!/bin/sh\necho "$@" > ${told}\ncat >> ${told}\n`)
  chmodSync(join(folder, 'logger'), 0o755)
  const plan = {
    to: { kind: 'syslog', facility: 'local3' },
    formats: undefined,
    except: new Set<number>(),
  } as const
  legal.keep(plan, 0, 'one')
  legal.keep(plan, 0, 'two')
  const expected = '-t whio-legal -p local3.info\none\ntwo\n'
  await until(() => existsSync(told) && readFileSync(told, 'utf8') === expected)
  t.same(lines, [])
})

t.test('a logger that the system refuses to start is told', async (t) => {
  const { legal, lines } = world(t)
  const path = process.env.PATH
  t.after(() => {
    process.env.PATH = path
  })
  process.env.PATH = '/etc/passwd'
  const plan = {
    to: { kind: 'syslog', facility: 'local3' },
    formats: undefined,
    except: new Set<number>(),
  } as const
  for (const line of ['one', 'two']) legal.keep(plan, 0, line)
  t.match(lines, [
    { id: 'LEGAL_LOG_FAILED', fields: { output: 'syslog', why: /^not a directory$/ } },
  ])
})
