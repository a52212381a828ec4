// The log on real files and pipes; the clock and chance on sources that the test controls.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  KEA_PATTERN,
  KEA_SYSLOG_PATTERN,
  unknownConversions,
} from '../../lib/config/plan/log-pattern.ts'
import type { LoggerPlan, LogOutputPlan } from '../../lib/config/plan/plan.ts'
import { systemClock } from '../../lib/platform/clock.ts'
import { loadLibc } from '../../lib/platform/libc.ts'
import { layoutOf } from '../../lib/platform/log/layout.ts'
import type { SystemLog } from '../../lib/platform/log/log.ts'
import { openLog } from '../../lib/platform/log/log.ts'
import { systemDraw } from '../../lib/platform/random.ts'
import { UnixDatagrams } from './unix-datagrams.ts'

const output = (to: string, more: Partial<LogOutputPlan> = {}): LogOutputPlan => ({
  ...{ to, layout: 'auto', rotateAt: 0, keep: 0 },
  ...more,
})

const logger = (severity: LoggerPlan['severity'], ...outputs: string[]): LoggerPlan => ({
  name: 'kea-dhcp4',
  severity,
  outputs: outputs.map((to) => output(to)),
})

const closed = (log: SystemLog) => new Promise<void>((done) => log.close(done))

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

t.test('writes JSON lines with id, level, time and fields', async (t) => {
  const path = join(t.testdir(), 'logs', 'whio.log')
  const log = openLog([logger('info', path)])
  log.write('info', 'lease-granted', 'gave 192.0.2.1', {
    seconds: 60,
    mac: '02:00',
    none: undefined,
  })
  log.write('warn', 'pool-full', 'nothing left', { id: 'not this', ok: false })
  log.write('debug', 'query', 'not wanted', {})
  await closed(log)
  const [first, second, ...rest] = linesOf(path)
  t.match(first, {
    level: 'info',
    id: 'lease-granted',
    msg: 'gave 192.0.2.1',
    seconds: 60,
    mac: '02:00',
  })
  t.match(first.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  t.notOk('none' in first || 'pid' in first)
  t.match(second, { level: 'warn', id: 'pool-full', ok: false })
  t.strictSame(rest, [])
})

t.test('each output gets what its logger asks for', async (t) => {
  const folder = t.testdir()
  const [all, errors] = [join(folder, 'all'), join(folder, 'errors')]
  const log = openLog([
    logger('debug', all),
    logger('error', errors, all),
    logger('none', join(folder, 'nothing')),
  ])
  t.ok(log.enabled('debug'))
  log.write('debug', 'a', '', {})
  log.write('error', 'b', '', {})
  log.write('fatal', 'c', '', {})
  await closed(log)
  t.strictSame(
    linesOf(all).map((line) => line.id),
    ['a', 'b', 'c'],
  )
  t.strictSame(
    linesOf(errors).map((line) => line.id),
    ['b', 'c'],
  )
  t.throws(() => readFileSync(join(folder, 'nothing')))
})

t.test('severity none everywhere is silence', async (t) => {
  const log = openLog([logger('none', 'stdout')])
  t.notOk(log.enabled('fatal'))
  log.write('fatal', 'a', 'nobody hears', {})
  await closed(log)
})

t.test('a part of the log goes where its logger says', async (t) => {
  const folder = t.testdir()
  const [all, leases, pair] = ['all', 'leases', 'pair'].map((name) => join(folder, name))
  const log = openLog([
    { name: 'kea-dhcp4', severity: 'info', outputs: [output(all!)] },
    { name: 'kea-dhcp4.leases', severity: 'debug', outputs: [] },
    { name: 'kea-dhcp4.ha-hooks', severity: 'warn', outputs: [output(pair!)] },
    { name: 'kea-dhcp4.commands', severity: 'none', outputs: [output(leases!)] },
  ])
  log.write('debug', 'DHCP4_LEASE_RENEW', 'more than the whole', {})
  log.write('debug', 'DHCP4_PACKET_DROP', 'as the whole', {})
  log.write('info', 'HA_PEER_MET', 'less than the whole', {})
  log.write('warn', 'HA_LINK_LOST', 'elsewhere', {})
  log.write('fatal', 'CONTROL_TROUBLE', 'to nobody', {})
  await closed(log)
  const ids = (path: string) => linesOf(path).map((line) => line.id)
  t.strictSame(ids(all!), ['DHCP4_LEASE_RENEW'])
  t.strictSame(ids(pair!), ['HA_LINK_LOST'])
  t.throws(() => readFileSync(leases!))
})

t.test('a line in the form of Kea', async (t) => {
  const path = join(t.testdir(), 'kea.log')
  const pattern = KEA_PATTERN
  const log = openLog([{ ...logger('info'), outputs: [output(path, { layout: { pattern } })] }])
  log.write('info', 'DHCP4_LEASE_ALLOC', 'a new lease', { address: '192.0.2.1', seconds: 60 })
  log.write('warn', 'HA_LINK_LOST', 'the link is lost', { why: 'no\nroute', none: undefined })
  await closed(log)
  const [first, second, ...rest] = readFileSync(path, 'utf8').split('\n')
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`
  const { pid } = process
  const head = (level: string, name: string) =>
    new RegExp(`^${time} ${level} \\[${name}/${pid}\\.${pid}\\] (.*)$`)
  t.equal(
    head('INFO ', 'kea-dhcp4\\.leases').exec(first!)?.[1],
    'DHCP4_LEASE_ALLOC a new lease: address=192.0.2.1, seconds=60',
  )
  t.equal(
    head('WARN ', 'kea-dhcp4\\.ha-hooks').exec(second!)?.[1],
    String.raw`HA_LINK_LOST the link is lost: why="no\nroute"`,
    'what a client says makes no line of its own',
  )
  t.same(rest, [''])
})

t.test('letters of a pattern', (t) => {
  const record = { level: 'info', id: 'DHCP6_STARTED', text: 'on', fields: {} } as const
  const at = new Date(2026, 1, 3, 4, 5, 6, 7).getTime()
  const rows: [string, string][] = [
    ['%m', 'DHCP6_STARTED on\n'],
    ['%m%n', 'DHCP6_STARTED on\n'],
    ['[%6p|%-6p|%.2p]\n', '[  INFO|INFO  |FO]\n'],
    ['%c %c{1}\n', 'kea-dhcp6.dhcp6 dhcp6\n'],
    ['%D{%d.%m.%y %H.%M.%S,%q} %D\n', '03.02.26 04.05.06,007 2026-02-03 04:05:06\n'],
    ['100%% %i %L\n', `100% ${process.pid} \n`],
  ]
  for (const [pattern, expected] of rows)
    t.equal(layoutOf(pattern, 'kea-dhcp4')({ ...record, at }), expected, pattern)
  t.same(unknownConversions('%m %L %l %L\n'), ['%L', '%l'])
  const utc = layoutOf('%d{%H:%M}\n', 'kea-dhcp4')({ ...record, at: Date.UTC(2026, 0, 1, 9, 30) })
  t.equal(utc, '09:30\n')
  t.end()
})

t.test('a file that has grown long becomes .1, as with Kea', async (t) => {
  const folder = t.testdir({ 'kea.log.7': 'somebody asked for more before', 'kea.log.bak': '' })
  const path = join(folder, 'kea.log')
  const open = () =>
    openLog([{ ...logger('info'), outputs: [output(path, { rotateAt: 1000, keep: 2 })] }])
  const text = 'x'.repeat(950)
  for (const id of ['a', 'b', 'c', 'd']) {
    const log = open()
    log.write('info', id, text, {})
    await closed(log)
  }
  const ids = (name: string) => linesOf(join(folder, name)).map((line) => line.id)
  t.same(readdirSync(folder).sort(), ['kea.log', 'kea.log.1', 'kea.log.2', 'kea.log.bak'])
  t.same(ids('kea.log.1'), ['d'])
  t.same(ids('kea.log.2'), ['c'])
  t.equal(readFileSync(path, 'utf8'), '')

  const one = open()
  const other = open()
  one.write('info', 'e', text, {})
  await closed(one)
  other.write('info', 'f', text, {})
  await closed(other)
  t.same(ids('kea.log.1'), ['e', 'f'], 'a file of two processes is moved away once')
  t.same(ids('kea.log.2'), ['d'])
})

t.test('a file that cannot be moved away goes on', async (t) => {
  const folder = t.testdir({ 'kea.log.1': { in: 'a folder in the way' }, 'kea.log.2': {} })
  const path = join(folder, 'kea.log')
  const told: string[] = []
  const plan = { ...logger('info'), outputs: [output(path, { rotateAt: 1000, keep: 1 })] }
  const log = openLog([plan], { tell: (sentence) => told.push(sentence) })
  for (const id of ['a', 'b']) log.write('info', id, 'x'.repeat(950), {})
  await closed(log)
  t.match(told, [/^log output .*kea\.log: no new file can be begun: /], 'said once')
  t.same(
    linesOf(path).map((line) => line.id),
    ['a', 'b'],
  )
})

const skip = typeof loadLibc() === 'string' && 'needs the C library'

t.test('syslog gets datagrams as from syslog(3)', { skip }, async (t) => {
  const path = join(t.testdir(), 'log')
  const told: string[] = []
  const settings = { syslogPath: path, tell: (sentence: string) => told.push(sentence) }
  const outputs = [output('syslog:local3', { layout: { pattern: KEA_SYSLOG_PATTERN } })]
  const log = openLog([{ ...logger('info'), outputs }], settings)
  log.write('error', 'a', 'nobody listens', {})
  t.match(told, [/^log output syslog:local3: .*log: no such file or directory; it is tried again/])
  t.equal(log.dropped(), 1)

  const first = new UnixDatagrams(path)
  log.reopen()
  log.write('error', 'DHCP4_SEND_FAIL', 'line', {})
  log.write('info', 'DHCP4_STARTED', 'line', {})
  const { pid } = process
  const head = (priority: number) =>
    `<${priority}>\\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d kea-dhcp4\\[${pid}\\]: `
  const [error, info] = first.receive()
  t.match(
    error,
    new RegExp(
      `^${head(19 * 8 + 3)}ERROR \\[kea-dhcp4\\.packets\\.${pid}\\] DHCP4_SEND_FAIL line$`,
    ),
  )
  t.match(
    info,
    new RegExp(`^${head(19 * 8 + 6)}INFO  \\[kea-dhcp4\\.dhcp4\\.${pid}\\] DHCP4_STARTED line$`),
  )
  t.match(told[1], /works again; lines lost since the start: 1$/)

  first.close()
  rmSync(path)
  const second = new UnixDatagrams(path)
  log.write('warn', 'c', 'a syslog that was started anew', {})
  t.equal(second.receive().length, 1)

  // The queue of a socket that nobody reads is short.
  for (let n = 0; n < 2000; n++) log.write('warn', 'd', `${n}`, {})
  t.equal(log.dropped(), 1, 'what has no room waits')
  const heard = second.receive()
  t.ok(heard.length < 2000)
  while (heard.length < 2000) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    heard.push(...second.receive())
  }
  t.match(heard.at(-1), /d 1999$/, 'and comes later, in order')
  await closed(log)
  second.close()
})

t.test('reopen goes on in a new file after a rotation', async (t) => {
  const path = join(t.testdir(), 'whio.log')
  const log = openLog([logger('info', path)])
  log.write('info', 'before', '', {})
  renameSync(path, `${path}.1`)
  log.reopen()
  log.write('info', 'after', '', {})
  await closed(log)
  t.strictSame(
    linesOf(path).map((line) => line.id),
    ['after'],
  )
  t.strictSame(
    linesOf(`${path}.1`).map((line) => line.id),
    ['before'],
  )
})

t.test('an output that fails is reported, counted and never thrown', async (t) => {
  const folder = t.testdir({ file: 'a file, not a folder' })
  const bad = join(folder, 'file', 'whio.log')
  const good = join(folder, 'good.log')
  const told: string[] = []
  const log = openLog([logger('info', bad, good)], { tell: (sentence) => told.push(sentence) })
  t.match(told, [/^log output .*file\/whio\.log: E[A-Z]+: .* tried again/], 'at once')
  log.write('info', 'a', '', {})
  t.match(log.trouble(), [/file\/whio\.log: /])
  t.equal(log.dropped(), 1)
  rmSync(join(folder, 'file'))
  log.reopen()
  t.strictSame(log.trouble(), [])
  t.match(told, [/ENOTDIR|EEXIST/, /works again; lines lost since the start: 1$/])
  log.write('info', 'b', '', {})
  await closed(log)
  t.strictSame(
    linesOf(bad).map((line) => line.id),
    ['b'],
  )
  t.strictSame(
    linesOf(good).map((line) => line.id),
    ['a', 'b'],
  )
})

t.test('a rotation that fails goes on in the former file and is not said to work', async (t) => {
  const folder = t.testdir({ logs: {} })
  const path = join(folder, 'logs', 'whio.log')
  const told: string[] = []
  const log = openLog([logger('info', path)], { tell: (sentence) => told.push(sentence) })
  renameSync(join(folder, 'logs'), join(folder, 'moved'))
  writeFileSync(join(folder, 'logs'), 'a file, not a folder')
  log.reopen()
  log.write('info', 'a', '', {})
  await closed(log)
  t.match(told, [/^log output .*whio\.log: E[A-Z]+: /])
  t.equal(told.length, 1)
  t.match(linesOf(join(folder, 'moved', 'whio.log')), [{ id: 'a' }])
})

t.test('nobody has to look: what fails is said on stderr', async (t) => {
  const program = `
    const { openLog } = await import(${JSON.stringify(new URL('../../lib/platform/log/log.ts', import.meta.url).href)})
    const log = openLog([{ name: 'kea-dhcp4', severity: 'info', outputs: [{ to: '/dev/null/x.log', layout: 'auto', rotateAt: 0, keep: 0 }] }])
    for (let n = 0; n < 3; n++) log.write('info', 'a', '', {})
    log.close(() => {})`
  const env = { ...process.env, NODE_OPTIONS: '' }
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env })
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  t.equal(await new Promise((resolve) => child.on('close', resolve)), 0)
  t.match(said, /^whio: log output \/dev\/null\/x\.log: E[A-Z]+: [^\n]+\n$/)
})

t.test('a full disk does not end the server', async (t) => {
  const told: string[] = []
  const log = openLog([logger('info', '/dev/full')], { tell: (sentence) => told.push(sentence) })
  for (let line = 0; line < 10; line++) log.write('info', 'a', 'no room', {})
  log.write('fatal', 'b', 'no room', {})
  await closed(log)
  t.match(log.trouble(), [/ENOSPC/])
  t.match(told, [/^log output \/dev\/full: ENOSPC/], 'once')
})

/** Runs a program that logs to stdout until told to stop; the reader goes away at once. */
t.test('a reader that goes away does not end the server', async (t) => {
  const program = `
    const { openLog } = await import(${JSON.stringify(new URL('../../lib/platform/log/log.ts', import.meta.url).href)})
    const log = openLog([])
    log.write('info', 'first', '', {})
    process.stdin.resume().on('end', () => {
      let left = 100
      const more = () => {
        log.write('info', 'more', '', {})
        if (left-- > 0) setImmediate(more)
        else log.close(() => process.stderr.write('survived'))
      }
      more()
    })`
  const env = { ...process.env, NODE_OPTIONS: '' }
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env })
  const ended = new Promise((resolve) => child.on('close', resolve))
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  child.stdout.once('data', (data) => {
    t.match(JSON.parse(String(data).split('\n')[0]!), { id: 'first', level: 'info' })
    child.stdout.destroy()
    child.stdin.end()
  })
  t.equal(await ended, 0)
  // The line is written in the background, so it may come behind the other.
  t.match(said, /whio: log output stdout: EPIPE[^\n]*\n/)
  t.match(said, /survived/)
  t.equal(said.match(/EPIPE/g)?.length, 1, 'told once')
})

t.test('people get a readable line', async (t) => {
  const program = `
    const { openLog } = await import(${JSON.stringify(new URL('../../lib/platform/log/log.ts', import.meta.url).href)})
    const log = openLog([], { isTerminal: () => true })
    log.write('warn', 'pool-full', 'nothing left', { subnet: 7 })
    log.close(() => {})`
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' }
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  t.equal(await new Promise((resolve) => child.on('close', resolve)), 0)
  t.match(said, /^\[\d\d:\d\d:\d\d\.\d+\] WARN: pool-full nothing left \{"subnet":7\}\n$/)
})

/** A world in which time passes only when told. */
function handTime() {
  let now = 0
  let timer: { run: () => void; at: number; wait: number } | undefined
  return {
    source: {
      monotonic: () => now,
      wall: () => 1_700_000_000_000 + now,
      setTimer(run: () => void, wait: number) {
        timer = { run, at: now + wait, wait }
        return timer
      },
      clearTimer(which: unknown) {
        if (which === timer) timer = undefined
      },
    },
    pending: () => timer?.wait,
    /** Lets time pass and fires what is due, the first time `early` milliseconds too soon. */
    pass(ms: number, early = 0) {
      const end = now + ms
      while (timer !== undefined && timer.at - early <= end) {
        const { run, at } = timer
        timer = undefined
        now = Math.max(now, at - early)
        early = 0
        run()
      }
      now = end
    },
  }
}

t.test('the clock fires once, at or after the time wished for', (t) => {
  const time = handTime()
  const clock = systemClock(time.source)
  let fired = 0
  clock.wakeAt(10.5, () => fired++)
  t.equal(time.pending(), 11, 'whole milliseconds, rounded up')
  time.pass(10)
  t.equal(fired, 0)
  time.pass(1)
  t.equal(fired, 1)
  time.pass(100)
  t.equal(fired, 1)
  clock.wakeAt(0, () => fired++)
  t.equal(time.pending(), 0, 'a time that has passed: at once, but not within the call')
  time.pass(0)
  t.equal(fired, 2)
  t.end()
})

t.test('a new wish replaces the former one, and cancel takes it back', (t) => {
  const time = handTime()
  const clock = systemClock(time.source)
  const fired: string[] = []
  clock.wakeAt(50, () => fired.push('former'))
  clock.wakeAt(50, () => fired.push('same time'))
  time.pass(60)
  clock.wakeAt(100, () => fired.push('late'))
  clock.wakeAt(70, () => fired.push('sooner'))
  time.pass(60)
  clock.wakeAt(200, () => fired.push('never'))
  clock.cancel()
  t.equal(time.pending(), undefined, 'the process may end')
  time.pass(200)
  t.strictSame(fired, ['same time', 'sooner'])
  t.end()
})

t.test('waits beyond the range of timers, and timers that fire early, are waited out', (t) => {
  const time = handTime()
  const clock = systemClock(time.source)
  const month = 31 * 86_400_000
  let fired = 0
  clock.wakeAt(month, () => fired++)
  t.equal(time.pending(), 0x7fffffff)
  time.pass(month - 1)
  t.equal(fired, 0)
  time.pass(1)
  t.equal(fired, 1)
  clock.wakeAt(month + 10, () => fired++)
  time.pass(9, 1)
  t.equal(fired, 1)
  time.pass(1)
  t.equal(fired, 2)
  t.end()
})

t.test('draws are uniform: words that would favour small results are drawn again', (t) => {
  const words = [0xffffffff, 0xfffffffe, 5, 0xfffffffd]
  const draw = systemDraw((pool) => pool.set(words))
  // 2^32 = 3 * 1431655765 + 1: only the last word is too many.
  t.equal(draw(3), 0xfffffffe % 3)
  t.equal(draw(1), 0)
  t.equal(draw(2 ** 32), 0xfffffffd)
  t.end()
})

t.test('draws from the system stay within their bound and reach all of it', (t) => {
  const draw = systemDraw()
  const seen = new Set<number>()
  for (let count = 0; count < 20_000; count++) seen.add(draw(7))
  t.strictSame([...seen].sort(), [0, 1, 2, 3, 4, 5, 6])
  for (let count = 0; count < 1000; count++) {
    const drawn = draw(2 ** 32)
    if (!Number.isInteger(drawn) || drawn < 0 || drawn >= 2 ** 32) t.fail(`drew ${drawn}`)
  }
  t.end()
})
