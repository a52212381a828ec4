// A server in the hands of its operator: signals and orders at any time, whatever stands in the
// file meanwhile.

import { once } from 'node:events'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { configure, folder, start, whio } from './whio.ts'

t.test('signals in the first moments neither kill the server nor open a debugger', async (t) => {
  const file = configure(folder(t))
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.handles('SIGUSR2')
  // The configuration is not even read yet.
  for (const name of ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) daemon.signal(name)
  t.match(await daemon.log('DAEMON_PROCESS'), { process: daemon.pid })
  t.ok(await daemon.log('STATUS'), 'what came early is done later')
  await daemon.log('DHCP4_STARTED')
  daemon.signal('SIGTERM')
  t.match(await daemon.ended, { code: 0, stderr: '' })

  const again = start(t, ['serve', '-c', file, '-p', '0'])
  await again.handles('SIGUSR2')
  again.signal('SIGTERM')
  t.match(await again.ended, { code: 0, stderr: '' }, 'and a stop ends it')
})

t.test('a debugger that a signal opened before the first line is shut', async (t) => {
  const file = configure(folder(t))
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  // Node's own handler.
  await daemon.handles('SIGUSR1')
  daemon.signal('SIGUSR1')
  await daemon.log('DHCP4_STARTED')
  const port = daemon.debuggerPort
  if (port !== undefined) t.equal(await dialled(port), 'ECONNREFUSED')
  daemon.signal('SIGUSR1')
  t.ok(await daemon.log('STATUS'), 'and the signal does what it is for')
})

/** '' where somebody listens on this port of loopback. */
async function dialled(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return ''
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error'
  } finally {
    socket.destroy()
  }
}

t.test('reload and stop say what came of them', async (t) => {
  const at = folder(t)
  const file = configure(at)
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const status = await whio('status', file)
  t.match(status.stdout.split('\n'), [
    'server serving',
    new RegExp(`^process ${daemon.pid} since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC, whio \\d`),
    `configuration ${file}, read `,
    'interface lo: served',
  ])
  t.same(await whio('reload', file), {
    code: 0,
    stdout: 'the configuration is in force\n',
    stderr: '',
  })

  t.comment('edits by commands that nobody has written')
  const subnet = '{"subnet4":[{"id":77,"subnet":"203.0.113.0/24"}]}'
  t.match(await whio('ctl', 'subnet4-add', subnet, '-c', file), { code: 0 })
  t.match(await whio('reload', file), {
    code: 0,
    stdout: 'the configuration is in force; 1 edit that was not written is gone\n',
  })

  t.comment('a file with a slip')
  configure(at, { 'valid-lifetime': 'long' })
  const refused = await whio('reload', '-c', file)
  t.match(refused, { code: 1, stdout: '' })
  t.match(refused.stderr, `error: ${file}:`)
  t.match(refused.stderr, `whio reload: ${file} has 1 error: what was in force stays in force\n`)
  const told = await whio('status', file)
  t.match(told.stdout, `the last reload was refused, since ${file} has 1 error\n`)
  t.match(told.stdout, `the next start would fail: ${file} has 1 error (\`whio check\`)\n`)
  t.same(await whio('status', '--check', file), {
    code: 1,
    stdout: `WARNING: the last reload was refused: ${file} has 1 error\n`,
    stderr: '',
  })

  t.comment('one with another place for the leases')
  configure(at, { 'lease-database': { type: 'memfile', name: join(at, 'other.sqlite') } })
  t.match(await whio('reload', file), {
    code: 0,
    stdout: 'the configuration is in force; lease-database needs a restart\n',
  })
  t.match(await whio('status', '--check', file), {
    code: 1,
    stdout: 'WARNING: lease-database needs a restart\n',
  })

  t.comment('a good one')
  configure(at)
  t.match(await whio('reload', file), { code: 0 })
  t.match(await whio('status', '--check', file), { code: 0, stdout: /^OK: / })

  t.same(await whio('stop', file), { code: 0, stdout: 'the server has stopped\n', stderr: '' })
  t.equal((await daemon.ended).code, 0)
  t.match(await whio('stop', file), { code: 1, stderr: /^whio stop: no server runs with / })
})

t.test('the server is found by its socket whatever stands in the file', async (t) => {
  const at = folder(t)
  const file = configure(at)
  const good = join(at, 'good')
  copyFileSync(file, good)
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const fails = (why: string) => `WARNING: the next start would fail: ${file} ${why}`
  const contents: readonly (readonly [string, string])[] = [
    ['no brace at all', 'has '],
    ['', 'has '],
    ['{ "Dhcp4": { "lease-database": { "name": 17 } } }', 'has '],
  ]
  for (const [text, why] of contents) {
    writeFileSync(file, text)
    const { code, stdout } = await whio('status', '--check', file)
    t.equal(code, 1, text)
    t.ok(stdout.startsWith(fails(why)), stdout)
  }
  rmSync(file)
  t.match(await whio('status', '--check', file), {
    code: 1,
    stdout: `${fails('cannot be read: no such file or directory')}\n`,
  })
  t.match(await whio('reload', file), { code: 1, stderr: /cannot be read: no such file or dir/ })
  t.match(await whio('status', '--check', good), {
    code: 1,
    stdout: `WARNING: the last reload was refused: ${file} cannot be read: no such file or directory\n`,
  })
  t.match(await whio('stop', file), { code: 0 })
  t.equal((await daemon.ended).code, 0)
  t.match(await whio('status', '--check', file), { code: 3, stdout: /^UNKNOWN: .* cannot be read/ })
})

t.test('a server that hangs is told while the monitor still waits', async (t) => {
  const file = configure(folder(t))
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_STARTED')
  daemon.signal('SIGSTOP')
  t.match(await whio('status', '--check', file), {
    code: 2,
    stdout: /^CRITICAL: the server behind .*: no answer within 2 s$/m,
  })
  daemon.signal('SIGCONT')
})
