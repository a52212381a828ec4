// A host with an interface that has no carrier: that of the link, since the partner's host is off,
// when its server goes on being operated, and starts again; or another one, whose address is the
// host's all the same.

import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { network, systemSkip } from './netns.ts'
import { PairHosts } from './pair-hosts.ts'

t.test(
  'the host of the partner is off, and so is the carrier of the link',
  { skip: systemSkip() },
  async (t) => {
    const pair = new PairHosts(t, folder(t), { mode: 'load-balancing' })
    const [host] = pair.hosts
    const first = pair.launch(0)
    pair.launch(1)
    await pair.areNormal()
    const whio = (...args: string[]) => host!.node('bin/whio.ts', ...args, first.configFile)
    const ends = async (...args: string[]) => {
      const running = whio(...args)
      return [await running.ended, `${running.stdout}${running.stderr}`]
    }

    await pair.kill(1)
    pair.clients.down('ha0')
    // By then it knows, too, that the other host's process is not merely gone.
    await pair.enters(0, 'partner-down')
    t.match(host!.run('ip', 'address', 'show', 'dev', 'ha'), 'NO-CARRIER')
    t.match(await ends('check'), [0, /^pair: load-balancing as server1 /m])
    t.match(await ends('status'), [0, /^partner server2 is /m])
    t.match(await ends('status', '--check'), [1, /^WARNING: partner-down, /])
    t.match(await ends('reload', '-c'), [0, /^the configuration is in force$/m])
    const { mark } = first
    first.running.kill('SIGHUP')
    await first.line('DHCP4_CONFIG_COMPLETE', {}, mark)
    t.match(await ends('partner-off', '-c'), [0, /^every address is given from here/])

    t.comment('a restart without the carrier')
    t.equal(await first.stop(), 0)
    first.restart()
    await first.serves('dhcp')

    t.comment('and without the interface')
    host!.run('ip', 'link', 'delete', 'ha')
    t.match(await ends('status', '--check'), [1, /^WARNING: /])
    t.match(await ends('reload', '-c'), [0, /so it stays 'server1', as before/])
    t.equal(await first.stop(), 0)
    first.restart()
    await first.serves('dhcp')
    await pair.enters(0, 'partner-down')
    t.match(await ends('status'), [0, /^server1 \(primary, load-balancing\): partner-down/m])
  },
)

t.test(
  'a server starts while a cable is out: nobody is given the address of that interface',
  { skip: systemSkip('udhcpc') },
  async (t) => {
    const net = network(t)
    const server = net.namespace('server')
    const client = net.namespace('client')
    net.veth(server, 'eth0', client, 'eth0')
    net.veth(server, 'eth1', client, 'eth1')
    server.addAddress('eth0', '192.0.2.1/24')
    server.addAddress('eth1', '192.0.2.100/32')
    client.down('eth1')
    const whio = new Daemon(server, folder(t), {
      'interfaces-config': { interfaces: ['eth0'] },
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.101' }] }],
    })
    await whio.serves('eth0')
    t.match(server.run('ip', 'address', 'show', 'dev', 'eth1'), 'NO-CARRIER')
    t.match(await new Udhcpc(client).bind(), { ip: '192.0.2.101' })
    t.equal(await whio.stop(), 0)
  },
)
