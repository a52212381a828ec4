// The log on real files and pipes; the clock and chance on sources that the test controls.

import { spawn } from 'node:child_process'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LoggerPlan } from '../../lib/config/plan/plan.ts'
import { systemClock } from '../../lib/platform/clock.ts'
import type { SystemLog } from '../../lib/platform/log/log.ts'
import { openLog } from '../../lib/platform/log/log.ts'
import { systemDraw } from '../../lib/platform/random.ts'

const logger = (severity: LoggerPlan['severity'], ...outputs: string[]): LoggerPlan => ({
  name: 'kea-dhcp4',
  severity,
  outputs,
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
    { name: 'kea-dhcp4.leases', severity: 'debug', outputs: [join(folder, 'sub')] },
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
  t.match(log.notes, [/kea-dhcp4\.leases/])
})

t.test('severity none everywhere is silence', async (t) => {
  const log = openLog([logger('none', 'stdout')])
  t.notOk(log.enabled('fatal'))
  log.write('fatal', 'a', 'nobody hears', {})
  await closed(log)
})

t.test('syslog is stderr, with a note', async (t) => {
  const log = openLog([logger('fatal', 'syslog:local0')])
  t.match(log.notes, [/syslog:local0: written to stderr/])
  await closed(log)
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
    const log = openLog([{ name: 'kea-dhcp4', severity: 'info', outputs: ['/dev/null/x.log'] }])
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
