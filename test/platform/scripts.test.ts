// Scripts that are told of leases, as real programs: their environment, how many run, and what is
// said of those that fail.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { QUEUE_MAX, RUNNING_MAX, Scripts } from '../../lib/platform/scripts.ts'
import type { Log, LogFields } from '../../lib/ports/log.ts'

interface Line {
  readonly id: string
  readonly fields: LogFields
}

function world(t: { after(end: () => void): unknown }): {
  at: string
  lines: Line[]
  scripts: Scripts
} {
  const at = mkdtempSync(join(tmpdir(), 'whio-scripts-'))
  t.after(() => rmSync(at, { recursive: true, force: true }))
  const lines: Line[] = []
  const log: Log = {
    enabled: () => true,
    write: (_level, id, _text, fields) => lines.push({ id, fields }),
  }
  const scripts = new Scripts(log)
  t.after(() => scripts.close())
  return { at, lines, scripts }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5)
}

t.test('a script has one argument and these variables only', async (t) => {
  const { at, lines, scripts } = world(t)
  const told = join(at, 'told')
  const program = join(at, 'script')
  writeFileSync(program, `#!/bin/sh\ncat < /proc/$$/environ > ${told}.$1\n: > ${told}\n`, {
    mode: 0o755,
  })
  scripts.run(program, 'lease4_renew', { LEASE4_ADDRESS: '192.0.2.20', LEASE4_HOSTNAME: '' })
  await until(() => existsSync(told))
  const variables = readFileSync(`${told}.lease4_renew`, 'utf8').split('\0').slice(0, -1)
  const own = variables.filter((variable) => !OF_TAP.test(variable))
  t.same(own, ['LEASE4_ADDRESS=192.0.2.20', 'LEASE4_HOSTNAME='])
  t.same(lines, [])
})

/** Variables that the test runner gives to every process that a test starts. */
const OF_TAP = /^(_TAPJS_|NODE_OPTIONS=)/

t.test('one that is not there, or fails, is told once a minute', async (t) => {
  const { at, lines, scripts } = world(t)
  const program = join(at, 'nothing')
  for (let count = 0; count < 3; count++) scripts.run(program, 'lease4_expire', {})
  await until(() => lines.length > 0)
  t.match(lines, [
    {
      id: 'RUN_SCRIPT_FAILED',
      fields: {
        script: program,
        point: 'lease4_expire',
        why: /no such file or directory/,
        count: 1,
      },
    },
  ])
  const { lines: others, scripts: failing } = world(t)
  failing.run('/bin/false', 'lease4_renew', {})
  await until(() => others.length > 0)
  t.match(others, [{ fields: { why: 'ended with 1' } }])
})

t.test('one that the system refuses to start is told, and the others run', async (t) => {
  const refused: readonly [program: string, variables: Record<string, string>, why: RegExp][] = [
    ['/etc/passwd/script', {}, /^not a directory$/],
    ['/bin/true', { LEASE4_HOSTNAME: 'a\0b' }, /without null bytes/],
    ['/bin/true', { LEASES4: 'x'.repeat(4_000_000) }, /^argument list too long$/],
  ]
  for (const [program, variables, why] of refused) {
    const { at, lines, scripts } = world(t)
    const told = join(at, 'told')
    // One that waits is started when another one ends.
    for (let count = 0; count < RUNNING_MAX; count++) scripts.run('/bin/true', '', {})
    for (let count = 0; count < 2 * RUNNING_MAX; count++) scripts.run(program, '', variables)
    scripts.run('/usr/bin/touch', told, {})
    await until(() => existsSync(told) && lines.length > 0)
    t.match(lines, [{ id: 'RUN_SCRIPT_FAILED', fields: { script: program, why, count: 1 } }])
    scripts.run(program, '', variables)
    t.pass('and nothing is thrown at who starts it')
  }
})

t.test('so many run and wait, and what comes beyond them is told and given up', async (t) => {
  const { lines, scripts } = world(t)
  for (let count = 0; count < RUNNING_MAX + QUEUE_MAX; count++) scripts.run('/bin/sleep', '1', {})
  t.same(lines, [])
  scripts.run('/bin/sleep', '1', {})
  t.match(lines, [{ id: 'RUN_SCRIPT_DROPPED', fields: { script: '/bin/sleep', count: 1 } }])
})
