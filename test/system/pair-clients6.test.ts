// A pair that serves DHCPv6 to clients that people have, on real devices: the active server is
// killed, the link is cut, the host is unplugged. Whoever has an address or a prefix renews it, or
// rebinds, at the other server, and nothing is given twice.

import t from 'tap'
import { Daemon6, folder } from './daemon.ts'
import { Dhclient6, Dhcpcd6, inside, secondInterface } from './dhcp6-clients.ts'
import { type Namespace, type Owner, systemSkip } from './netns.ts'
import { type Host, type Mode, PairHosts } from './pair-hosts.ts'

const skip = systemSkip('dhclient', 'dhcpcd', 'mount', 'nsenter')

/** The clients are few, so that one of them has to be enough to tell of a silent partner. */
const QUICK = { 'max-response-delay': 10_000, 'max-ack-delay': 1000, 'max-unacked-clients': 0 }

class PairHosts6 extends PairHosts {
  /** Beside the visitor. */
  readonly guest: Namespace
  readonly #times: object

  constructor(owner: Owner, at: string, mode: Mode, times: object = {}) {
    super(owner, at, { mode, ha: () => QUICK })
    this.#times = times
    this.guest = this.net.namespace('guest')
    this.net.veth(this.clients, 'guest', this.guest, 'eth0')
    this.clients.run('ip', 'link', 'set', 'guest', 'master', 'lan')
  }

  override prepare(host: Host): Daemon6 {
    const { subnet4: _, loggers: __, ...shared } = this.dhcp4(host)
    const lan = {
      ...{ id: 1, subnet: '2001:db8:1::/64', interface: 'dhcp' },
      pools: [{ pool: '2001:db8:1::1000 - 2001:db8:1::1fff' }],
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }],
    }
    const dhcp6 = { ...shared, ...this.#times, subnet6: [lan] }
    const daemon = new Daemon6(this.hosts[host]!, `${this.at}/host${host + 1}`, dhcp6, [], true)
    this.servers[host] = daemon
    return daemon
  }
}

t.test('hot-standby', { skip }, async (t) => {
  const at = folder(t)
  const pair = new PairHosts6(t, at, 'hot-standby')
  pair.launch(0)
  pair.launch(1)
  await pair.areNormal()
  for (const server of pair.servers) await (server as Daemon6).serves('dhcp')
  for (const where of [pair.visitor, pair.guest]) await where.linkLocal('eth0')
  secondInterface(pair.visitor)
  const router = new Dhcpcd6(pair.visitor, inside(at, 'router'), true)
  const host = new Dhclient6(pair.guest, inside(at, 'client'))
  const { ip, prefix } = await router.bind()
  const { ip: other } = await host.bind()
  t.not(ip, other, 'two clients, two addresses')
  t.notOk(pair.server(1).wrote('DHCP6_LEASE_ALLOC'), 'the standby was silent')
  t.same(await pair.differences(6), [], 'both journals have the leases')

  /** The router keeps what it has, and this server says so. */
  const renewedBy = async (host: Host) => {
    const { mark } = pair.server(host)
    const renewed = await router.renew()
    t.match(renewed, { ip, prefix }, `server${host + 1} renews`)
    await pair.server(host).line('DHCP6_LEASE_RENEW', { address: ip }, mark)
  }

  await t.test('the active one is killed, and returns', async () => {
    const { mark } = pair.server(1)
    await pair.kill(0)
    await pair.enters(1, 'partner-down', mark)
    await renewedBy(1)
    const again: [number, number] = [0, pair.server(1).mark]
    pair.server(0).restart()
    await pair.areNormal(again)
    await renewedBy(0)
  })

  await t.test('only the link between them is cut', async (t) => {
    const { marks } = pair
    pair.cutCable()
    const down = ([0, 1] as const).map((host) => pair.enters(host, 'partner-down', marks[host]))
    // What it has it is told to keep; who asks for something new gets it, too.
    await router.renew()
    await host.cut()
    const second = new Dhclient6(pair.guest, inside(at, 'second'), '-P')
    const got = await second.bind()
    t.match(got.prefix, /\/56$/)
    t.not(got.prefix, prefix)
    await Promise.all(down)
    const again = pair.marks
    pair.mendCable()
    await pair.areNormal(again)
    t.same(await pair.differences(6), [])
  })

  await t.test('the active one is unplugged', async () => {
    const { marks } = pair
    pair.plug(0, false)
    for (const host of [1, 0] as const) await pair.enters(host, 'partner-down', marks[host])
    await renewedBy(1)
    const again = pair.marks
    pair.plug(0, true)
    await pair.areNormal(again)
    await renewedBy(0)
  })

  t.same(await pair.differences(6), [])
  for (const server of pair.servers) {
    t.notOk(server.wrote('INTERNAL_ERROR'))
    t.notOk(server.wrote(/^HA_(LEASE_CONFLICT|ALARM|OVER_EARLY|CONFIG_DIFFERS)$/))
    t.equal(await server.stop(), 0)
  }
})

t.test(
  'RFC 9915 §18.2.5: after the active one was killed clients rebind at the other, and keep all',
  { skip },
  async (t) => {
    const at = folder(t)
    const times = { 'renew-timer': 2, 'rebind-timer': 3, 'preferred-lifetime': 400 }
    const pair = new PairHosts6(t, at, 'hot-standby', { ...times, 'valid-lifetime': 600 })
    pair.launch(0)
    pair.launch(1)
    await pair.areNormal()
    for (const server of pair.servers) await (server as Daemon6).serves('dhcp')
    for (const where of [pair.visitor, pair.guest]) await where.linkLocal('eth0')
    const host = new Dhcpcd6(pair.visitor, inside(at, 'host'), false)
    const router = new Dhclient6(pair.guest, inside(at, 'router'), '-P')
    const [{ ip }, { prefix }] = await Promise.all([host.bind(), router.bind()])
    t.same(await pair.differences(6), [], 'both journals have the leases')

    const { mark } = pair.server(1)
    await pair.kill(0)
    // Nobody answers a RENEW, which names the server that is dead: the other one would.
    const port = (master: string[]) => pair.clients.run('ip', 'link', 'set', 'dhcp1', ...master)
    port(['nomaster'])
    await pair.enters(1, 'partner-down', mark)
    await Promise.all([
      host.running!.until(/failed to renew DHCPv6, rebinding/),
      router.running!.until(/XMT: Rebind on eth0/),
    ])
    const { mark: alone } = pair.server(1)
    port(['master', 'lan'])
    t.equal((await host.event(/^REBIND6$/)).ip, ip, 'an address')
    t.equal((await router.event(/^REBIND6$/)).prefix, prefix, 'a prefix')
    for (const address of [ip, prefix])
      await pair.server(1).line('DHCP6_LEASE_RENEW', { address }, alone)

    const again: [number, number] = [0, pair.server(1).mark]
    pair.server(0).restart()
    await pair.areNormal(again)
    t.equal((await host.renew()).ip, ip, 'who names the other one is answered here')
    await pair.server(0).line('DHCP6_LEASE_RENEW', { address: ip })
    for (const server of pair.servers) {
      t.notOk(server.wrote('INTERNAL_ERROR'))
      t.equal(await server.stop(), 0)
    }
  },
)

t.test('load-balancing', { skip: systemSkip('perfdhcp') }, async (t) => {
  const at = folder(t)
  const pair = new PairHosts6(t, at, 'load-balancing')
  pair.launch(0)
  pair.launch(1)
  await pair.areNormal()
  for (const server of pair.servers) await (server as Daemon6).serves('dhcp')
  await pair.guest.linkLocal('eth0')

  /** So many new clients get an address and a prefix each, as long as the machine lets them. */
  const come = async (count: number, mac: string) => {
    const [who, many] = [
      ['-6', '-e', 'address-and-prefix', '-l', 'eth0', '-b', `mac=${mac}`],
      ['-r', '20', '-n', String(count), '-R', String(count), '-W', '5000000'],
    ]
    await pair.guest.start('perfdhcp', ...who!, ...many!).ended
  }
  /** Addresses that a server has given, by its log. */
  const given = (host: Host) => {
    const { lines } = pair.server(host)
    return lines.filter(({ id }) => id === 'DHCP6_LEASE_ALLOC').map(({ address }) => `${address}`)
  }
  await come(60, '02:00:00:00:00:00')
  t.same(await pair.differences(6), [], 'both journals have the leases of both')
  const [here, there] = [given(0), given(1)]
  t.ok(here.length > 10 && there.length > 10, `both answer: ${here.length} and ${there.length}`)
  const rows = (pair.server(0) as Daemon6).leases6().length
  t.equal(new Set([...here, ...there]).size, here.length + there.length, 'nothing is given twice')
  t.equal(rows, here.length + there.length, 'each lease is given by one server')

  const { mark } = pair.server(1)
  await pair.kill(0)
  await pair.enters(1, 'partner-down', mark)
  await come(30, '02:00:00:01:00:00')
  const now = given(1)
  t.ok(now.length - there.length > 30, 'clients of both get theirs from the one that is left')
  const again: [number, number] = [0, pair.server(1).mark]
  pair.server(0).restart()
  await pair.areNormal(again)
  t.same(await pair.differences(6), [])
  t.equal((pair.server(0) as Daemon6).leases6().length, here.length + now.length)
  for (const server of pair.servers) {
    t.notOk(server.wrote('INTERNAL_ERROR'))
    t.notOk(server.wrote(/^HA_(LEASE_CONFLICT|ALARM|OVER_EARLY|CONFIG_DIFFERS)$/))
    t.equal(await server.stop(), 0)
  }
})
