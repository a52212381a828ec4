// A server of two files, one for each family: who names no file means the only server of the
// machine, with all its files. In a namespace, where no other server is.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folder } from './daemon.ts'
import { type Namespace, network, systemSkip } from './netns.ts'

const skip = systemSkip()

const MAIN = join(import.meta.dirname, '../../bin/whio.ts')

/** What a command said on both streams, and its exit code. */
async function told(host: Namespace, ...args: string[]): Promise<[text: string, code: unknown]> {
  const running = host.node(MAIN, ...args)
  const code = await running.ended
  return [running.stdout + running.stderr, code]
}

t.test('a server of two files is meant where none is named', { skip }, async (t) => {
  const at = folder(t)
  const net = network(t)
  const host = net.namespace('host')
  const other = net.namespace('other')
  net.veth(host, 'eth0', other, 'eth0')
  host.addAddress('eth0', '192.0.2.1/24')
  host.addAddress6('eth0', '2001:db8::1/64')
  mkdirSync(join(at, 'etc'))
  const [file4, file6] = [join(at, 'etc/dhcp4.conf'), join(at, 'etc/dhcp6.conf')]
  const served = { 'interfaces-config': { interfaces: ['eth0'] } }
  const database = { 'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') } }
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100/30' }] }]
  const subnet6 = [
    { id: 1, subnet: '2001:db8::/64', interface: 'eth0', pools: [{ pool: '2001:db8::1:0/112' }] },
  ]
  writeFileSync(file4, JSON.stringify({ Dhcp4: { ...served, ...database, subnet4 } }))
  writeFileSync(file6, JSON.stringify({ Dhcp6: { ...served, subnet6 } }))

  const server = host.node(MAIN, 'serve', '-c', file4, '-c', file6)
  await server.until(/DHCP6_STARTED/)
  for (const files of [[], [file6]]) {
    const [text, code] = await told(host, 'status', ...files)
    t.equal(code, 0, text)
    t.match(text, `configuration ${file4} and ${file6}, read `)
  }

  const made = join(at, 'made')
  const half = await told(host, 'pair', '192.0.2.2', '-c', file4, '--to', made)
  const why = `the server here runs with ${file6}, too: say -c ${file4} -c ${file6}\n`
  t.same(half, [`whio pair: ${why}`, 1], 'a family would be left without a partner')
  t.notOk(existsSync(made))
  const [text, code] = await told(host, 'pair', '192.0.2.2', '--to', made)
  t.equal(code, 0, text)
  for (const name of ['server1', 'server2'])
    for (const file of ['dhcp4.conf', 'dhcp6.conf'])
      t.ok(existsSync(join(made, name, file)), `${name} gets ${file}`)

  t.match(await told(host, 'stop'), ['the server has stopped\n', 0])
  t.equal(await server.ended, 0)
})
