// Names of a real client in BIND, by Kea's own configuration: with the file of kea-dhcp-ddns Whio
// updates DNS itself, without it kea-dhcp-ddns does, which was away when the client came.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Bind, REVERSE4 } from './bind.ts'
import { Daemon, folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { ddnsMap } from './names-documents.ts'
import { type Namespace, network, systemSkip } from './netns.ts'

const skip = systemSkip('dhclient', 'named', 'dig', 'kea-dhcp-ddns')

const SERVER = '192.0.2.1'

/** As for Kea 2.2, which knows nothing later. */
function ddnsFile(at: string): string {
  const DhcpDdns = {
    'ip-address': '127.0.0.1',
    port: 53001,
    'control-socket': { 'socket-type': 'unix', 'socket-name': join(at, 'ddns.sock') },
    ...ddnsMap(['lab.test', REVERSE4], SERVER),
    loggers: [{ name: 'kea-dhcp-ddns', output_options: [{ output: 'stdout' }], severity: 'INFO' }],
  }
  const file = join(at, 'kea-dhcp-ddns.conf')
  writeFileSync(file, JSON.stringify({ DhcpDdns }))
  return file
}

const DHCP4 = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 3600,
  'dhcp-ddns': { 'enable-updates': true },
  'ddns-qualifying-suffix': 'lab.test',
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.100' }] }],
}

interface Place {
  readonly server: Namespace
  readonly bind: Bind
  readonly client: Dhclient
  readonly file: string
  readonly at: string
}

async function place(t: Test): Promise<Place> {
  const net = network(t)
  const [server, where] = [net.namespace('server'), net.namespace('client')]
  net.veth(server, 'eth0', where, 'eth0')
  server.addAddress('eth0', `${SERVER}/24`)
  const bind = await Bind.start(t, { within: server, address: SERVER })
  const at = folder(t)
  const client = new Dhclient(where, folder(t), 'send host-name "PC1";')
  return { server, bind, client, file: ddnsFile(at), at }
}

/** Both zones, once they are so. */
async function until(bind: Bind, is: (forward: string, reverse: string) => boolean): Promise<void> {
  for (;;) {
    const [forward, reverse] = await Promise.all([bind.lines('lab.test'), bind.lines(REVERSE4)])
    if (is(forward.join('\n'), reverse.join('\n'))) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function isThere(forward: string, reverse: string): boolean {
  const hasName = /^pc1 1200 A 192\.0\.2\.10\d$/m.test(forward) && /^pc1 1200 DHCID/m.test(forward)
  return hasName && /^10\d 1200 PTR pc1\.lab\.test\.$/m.test(reverse)
}

/**
 * A RELEASE would not be believed so soon after the last answer. The client is off: it renews every
 * two seconds, and would have its name again.
 */
async function deleted({ configFile, where }: Daemon, client: Dhclient): Promise<void> {
  await client.cut()
  const words = ['ctl', '-c', configFile, 'lease4-del', 'ip-address=192.0.2.100']
  await where.node('bin/whio.ts', ...words).until(/deleted/)
}

function isGone(forward: string, reverse: string): boolean {
  return !forward.includes('pc1') && !reverse.includes('PTR')
}

t.test("Kea's two files: names are in DNS while their lease is", { skip }, async (t) => {
  const { at, bind, client, file, server } = await place(t)
  const whio = new Daemon(server, at, DHCP4, [], true)
  whio.restart('-c', file)
  await whio.serves('eth0')
  await client.bind()
  await until(bind, isThere)
  t.pass('the name is there, signed and in both directions')
  const files = ['-c', whio.configFile, '-c', file]
  const names = server.node('bin/whio.ts', 'names', ...files, 'pc1.lab.test')
  await names.until(/^192\.0\.2\.10\d pc1\.lab\.test\. in DNS for /m)
  await deleted(whio, client)
  await until(bind, isGone)
  t.pass('and gone with the lease')
})

t.test('without that file: kea-dhcp-ddns 2.2, which comes later', { skip }, async (t) => {
  const { at, bind, client, file, server } = await place(t)
  const whio = new Daemon(server, at, DHCP4)
  await whio.serves('eth0')
  await client.bind()
  await whio.line('DDNS_SERVER_AWAY')
  const env = ['KEA_LOCKFILE_DIR=none', `KEA_PIDFILE_DIR=${at}`, 'KEA_LOGGER_DESTINATION=stdout']
  const updater = server.start('env', ...env, 'kea-dhcp-ddns', '-c', file)
  await updater.until(/DHCP_DDNS_STARTED/)
  await until(bind, isThere)
  t.pass('what it was not there for is not lost')
  await deleted(whio, client)
  await until(bind, isGone)
  t.pass('and gone with the lease')
})
