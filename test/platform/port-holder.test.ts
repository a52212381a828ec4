// Who holds a port, as an operator knows it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { portHolders } from '../../lib/platform/datagrams/port-holder.ts'

const BINDS = `
const socket = require('node:dgram').createSocket('udp4')
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))`

const skip = process.platform === 'linux' ? false : 'reads /proc'

t.test('a program of Node has the name of its script, not of a thread', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-holder-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const script = join(folder, 'other-server.cjs')
  writeFileSync(script, BINDS)
  const clean = ['-u', 'NODE_OPTIONS', process.execPath]
  for (const [args, name] of [
    [[...clean, script, 'serve'], 'other-server.cjs'],
    [[...clean, '-e', BINDS], 'node'],
  ] as const) {
    const child = spawn('env', args)
    t.after(() => child.kill('SIGKILL'))
    const [port] = await once(child.stdout, 'data')
    t.equal(portHolders(Number(port), 'udp'), `${name} (pid ${child.pid})`)
  }
})
