// Who watches leases, and who is kept from too many: a real script, a legal log on the disk, a
// class that asks too often.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('udhcpc')

/** Waits for what another program does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20)
}

t.test(
  'a script and a legal log are told; a class that asks too often waits',
  { skip },
  async (t) => {
    const net = network(t)
    const at = folder(t)
    const server = net.namespace('server')
    const wires = ['desk', 'first', 'second'].map((word) => net.namespace(word))
    for (const [index, where] of wires.entries()) net.veth(server, `port${index}`, where, 'eth0')
    net.bridge(
      server,
      'lan',
      wires.map((_, index) => `port${index}`),
    )
    server.addAddress('lan', '192.0.2.1/24')
    const script = `${at}/told`
    writeFileSync(
      script,
      `#!/bin/sh\n/usr/bin/env > ${at}/new.$1 && /bin/mv ${at}/new.$1 ${at}/told.$1\n`,
      {
        mode: 0o755,
      },
    )
    const whio = new Daemon(server, at, {
      'interfaces-config': { interfaces: ['lan'] },
      'valid-lifetime': 3600,
      'hooks-libraries': [
        { library: 'libdhcp_run_script.so', parameters: { name: script, sync: false } },
        { library: 'libdhcp_legal_log.so', parameters: { path: at, 'base-name': 'legal' } },
        { library: 'libdhcp_limits.so' },
      ],
      'client-classes': [
        {
          name: 'cameras',
          test: "option[60].hex == 'camera'",
          // A DISCOVER and a REQUEST: one client in an hour.
          'user-context': { limits: { 'rate-limit': '2 packets per hour' } },
        },
      ],
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.199' }] }],
    })
    await whio.serves('lan')
    const [desk, first, second] = [
      new Udhcpc(wires[0]!, '-x', 'hostname:desk'),
      new Udhcpc(wires[1]!, '-V', 'camera'),
      new Udhcpc(wires[2]!, '-V', 'camera'),
    ] as const
    const { ip } = await desk.bind()
    const hw = wires[0]!.hwAddress('eth0')

    const committed = `${at}/told.leases4_committed`
    await until(() => existsSync(committed))
    const variables = readFileSync(committed, 'utf8').split('\n')
    for (const variable of [
      'QUERY4_TYPE=DHCPREQUEST',
      'QUERY4_IFACE_NAME=lan',
      `QUERY4_HWADDR=${hw}`,
      'LEASES4_SIZE=1',
      'DELETED_LEASES4_SIZE=0',
      `LEASES4_AT0_ADDRESS=${ip}`,
      `LEASES4_AT0_HWADDR=${hw}`,
      `LEASES4_AT0_CLIENT_ID=01:${hw}`,
      'LEASES4_AT0_HOSTNAME=desk',
      'LEASES4_AT0_VALID_LIFETIME=3600',
    ])
      t.ok(variables.includes(variable), variable)
    t.notOk(
      variables.some((line) => line.startsWith('HOME=')),
      'nothing of the server itself',
    )
    await desk.renew()
    const renewed = `${at}/told.lease4_renew`
    await until(() => existsSync(renewed))
    t.match(readFileSync(renewed, 'utf8'), `LEASE4_ADDRESS=${ip}\n`)

    const legal = (): string =>
      readdirSync(at)
        .filter((name) => name.startsWith('legal.'))
        .map((name) => readFileSync(`${at}/${name}`, 'utf8'))
        .join('')
    await until(() => legal().split('\n').length > 2)
    const device = `a device with hardware address: hwtype=1 ${hw}, client-id: 01:${hw}`
    const line = `Address: ${ip} has been assigned for 1 hrs 0 mins 0 secs to ${device}`
    t.same(
      legal()
        .split('\n')
        .map((text) => text.slice(text.indexOf('Address'))),
      [line, line, ''],
    )

    await first.bind()
    const waiting = second.bind().catch(() => 'never')
    await whio.line('DHCP4_PACKET_DROP', {
      reason: 'rate-limit',
      hwAddress: wires[2]!.hwAddress('eth0'),
    })
    await desk.renew()
    t.pass('others are served')
    await second.cut()
    t.equal(await waiting, 'never')
    t.equal(await whio.stop(), 0)
  },
)
