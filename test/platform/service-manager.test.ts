// What systemd hears of a server that it has started, by a socket as it opens.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { loadLibc } from '../../lib/platform/libc.ts'
import { ServiceManager } from '../../lib/platform/service-manager.ts'
import { configure, folder, start } from '../cli/whio.ts'
import { UnixDatagrams } from './unix-datagrams.ts'

const skip = typeof loadLibc() === 'string' && 'needs the C library'

/** What comes, in order, until a text has been heard. */
async function heardUntil(socket: UnixDatagrams, pattern: RegExp): Promise<string[]> {
  const heard: string[] = []
  while (!heard.some((text) => pattern.test(text))) {
    heard.push(...socket.receive())
    await delay(5)
  }
  return heard
}

t.test('a life as a unit of Type=notify', { skip }, async (t) => {
  const at = folder(t)
  const path = join(at, 'notify')
  const socket = new UnixDatagrams(path)
  t.after(() => socket.close())
  const file = configure(at)
  const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '600000' }
  const server = start(t, ['serve', '-c', file, '-p', '0'], env)
  const heard = await heardUntil(socket, /STATUS=OK: serving on lo$/)
  t.match(heard[0], /^READY=1\nSTATUS=/, 'nothing before it serves')
  await heardUntil(socket, /^WATCHDOG=1$/)

  writeFileSync(file, '{')
  server.signal('SIGHUP')
  const reload = await heardUntil(socket, /STATUS=WARNING: the last reload was refused/)
  t.match(
    reload.find((text) => text.startsWith('RELOADING')),
    /^RELOADING=1\nMONOTONIC_USEC=\d+$/,
  )
  server.signal('SIGTERM')
  const end = await heardUntil(socket, /^STOPPING=1\n/)
  t.ok(end)
  t.match(await server.ended, { code: 0 })
  t.same(socket.receive(), [], 'and no sign of life behind it')
})

t.test('without the C library, by systemd-notify', async (t) => {
  const at = folder(t)
  const out = join(at, 'heard')
  const program = join(at, 'systemd-notify')
  writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET" "$@" >> ${out}\n`)
  chmodSync(program, 0o755)
  process.env.PATH = `${at}${delimiter}${process.env.PATH}`
  const environment: NodeJS.ProcessEnv = {
    NOTIFY_SOCKET: '/x',
    WATCHDOG_PID: '1',
    WATCHDOG_USEC: '1',
  }
  const manager = new ServiceManager({ environment, pid: 2, libc: 'it is switched off' })
  t.same(environment, {}, 'no child is meant')
  manager.ready(() => 'OK: well')
  const text = () => {
    try {
      return readFileSync(out, 'utf8')
    } catch {
      return ''
    }
  }
  while (text() === '') await delay(5)
  t.equal(text(), '/x READY=1 STATUS=OK: well\n', 'and no watchdog, which is for another process')
  manager.stopping()
  while (!text().endsWith('STOPPING=1 STATUS=stopping\n')) await delay(5)
})

t.test('nobody is told where nobody asks', (t) => {
  const manager = new ServiceManager({ environment: {}, pid: 1 })
  manager.ready(() => 'OK')
  t.pass('it goes nowhere')
  manager.stopping()
  t.end()
})
