// A hook in a server that runs: a package in node_modules beside the configuration, from its first
// line in the log until it is switched off, and a reload that is refused for it.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { encodeMessage4 } from '../../lib/index.ts'
import { configure, folder, start, whio } from './whio.ts'

/** A package that only `import` finds, installed beside the configuration. */
function install(at: string, name: string, text: string): void {
  const own = join(at, 'node_modules', name)
  mkdirSync(own, { recursive: true, mode: 0o755 })
  const exports = { '.': { import: './main.js' } }
  const manifest = { name, version: '1.0.0', type: 'module', exports }
  writeFileSync(join(own, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(own, 'main.js'), text, { mode: 0o644 })
}

const hook = (apiVersion: number, callouts: string) => `export default {
  name: 'acme', apiVersion: ${apiVersion},
  setup4(parameters, { log }) { log.info('ready for ' + parameters.site); return ${callouts} },
}`

t.test('a package beside the configuration is a hook, and the server tells of it', async (t) => {
  const at = folder(t)
  install(at, '@acme/hooks', hook(1, `{ received() { throw new Error('broken') } }`))
  const library = { library: '@acme/hooks', parameters: { site: 'north' } }
  const file = configure(at, { 'hooks-libraries': [library] })
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  t.match(await daemon.log('HOOK_SAYS'), { hook: 'acme', says: 'ready for north' })
  const path = join(at, 'node_modules/@acme/hooks/main.js')
  t.match(await daemon.log('HOOK_LOADED'), { hook: 'acme', family: 4, path })
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const status = await whio('status', file)
  t.match(status.stdout, /^hook acme of DHCPv4: 0 calls$/m)
  const port = Number(/on port (\d+)/.exec(status.stdout)![1])

  const client = createSocket('udp4').bind(0, '127.0.0.1')
  t.after(() => client.close())
  await once(client, 'listening')
  const discover = encodeMessage4({ xid: 7, hwAddress: '02:00:00:00:00:01' }, [[53, '\x01']])
  let isOff = false
  const off = daemon.log('HOOK_OFF').then((line) => {
    isOff = true
    return line
  })
  while (!isOff) {
    for (let count = 0; count < 25; count++) client.send(discover, port, '127.0.0.1')
    await Promise.race([off, delay(100)])
  }
  t.match(await off, { hook: 'acme', failures: 100 })
  const told =
    /^hook acme of DHCPv4: switched off, since it failed 100 times within a minute; 100 calls, 100 f/m
  t.match((await whio('status', file)).stdout, told)
  const check = await whio('status', '--check', file)
  t.equal(check.code, 1)
  t.match(check.stdout, /^WARNING: .*hook acme is switched off, since it failed 100 times/)

  install(at, '@acme/hooks', hook(2, '{}'))
  const refused = await whio('reload', file)
  t.not(refused.code, 0)
  t.match(refused.stderr + refused.stdout, /@acme\/hooks is for version 2 of the interface/)
  install(at, '@acme/hooks', hook(1, '{}'))
  t.equal((await whio('reload', file)).code, 0)
  t.match((await whio('status', file)).stdout, /^hook acme of DHCPv4: 0 calls$/m)
  daemon.signal('SIGTERM')
  t.match(await daemon.ended, { code: 0, stderr: '' })
})

t.test(
  'a package that is nowhere is refused with the places where it was looked for',
  async (t) => {
    const at = folder(t)
    const file = configure(at, { 'hooks-libraries': [{ library: '@acme/hooks' }] })
    const { code, stderr } = await whio('serve', '-c', file, '-p', '0')
    t.equal(code, 1)
    t.match(stderr, `@acme/hooks is not installed: looked for in ${at}/node_modules, beside Whio`)
  },
)

t.test('whio check warns of a hook that is not there, or that others can write', async (t) => {
  const at = folder(t)
  const path = join(at, 'hook.js')
  const file = configure(at, { 'hooks-libraries': [{ library: path }, { library: '@acme/none' }] })
  const missing = await whio('check', file)
  t.match(missing, { code: 0, stdout: /^warning: hook .*hook\.js cannot be read: no such file/m })
  t.match(missing.stdout, /^warning: hook @acme\/none: the package .* is not installed/m)
  t.match(missing.stdout, /: good, 2 warnings$/m)

  install(at, '@acme/none', hook(1, '{}'))
  writeFileSync(path, hook(1, '{}'))
  chmodSync(path, 0o666)
  const open = await whio('check', file)
  t.match(open.stdout, /^warning: hook .* can be written by others than its owner: chmod go-w /m)
  t.match(open.stdout, /: good, 1 warning$/m)
  chmodSync(path, 0o644)
  t.match((await whio('check', file)).stdout, /: good$/m)
})
