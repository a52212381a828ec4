// hosts-databases shared by Kea of the system and Whio at once, on a database that kea-admin made:
// what one of them or an operator writes the other serves, in both families.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { asked } from './both-servers.ts'
import { folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { Dhclient6 } from './dhcp6-clients.ts'
import { type Namespace, network, type Running, systemSkip } from './netns.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const skip =
  postgresSkip() || systemSkip('kea-dhcp4', 'kea-dhcp6', 'kea-admin', 'udhcpc', 'dhclient')

const SUBNET4 = {
  id: 4,
  subnet: '10.54.0.0/16',
  interface: 'eth0',
  pools: [{ pool: '10.54.1.0 - 10.54.1.99' }],
}
const SUBNET6 = {
  id: 6,
  subnet: '2001:db8::/64',
  interface: 'eth0',
  pools: [{ pool: '2001:db8::1:0/112' }],
}

/** Both maps, with the database of the reservations in each. */
function maps(host: string, at: string) {
  const shared = {
    'interfaces-config': { interfaces: ['eth0'] },
    'lease-database': { type: 'memfile', persist: false },
    'hosts-databases': [{ type: 'postgresql', host, name: 'kea', user: 'postgres' }],
    'valid-lifetime': 600,
  }
  return {
    4: { ...shared, subnet4: [SUBNET4] },
    6: { ...shared, 'data-directory': at, subnet6: [SUBNET6] },
  }
}

async function link(server: Namespace, client: Namespace): Promise<string> {
  server.addAddress('eth0', '10.54.0.1/16')
  server.addAddress6('eth0', '2001:db8::1/64')
  await server.linkLocal('eth0')
  await client.linkLocal('eth0')
  return client.hwAddress('eth0')
}

t.test('Kea 2.2 and Whio on one database of reservations', { skip }, async (t) => {
  const database = await Postgres.start(t)
  await database.query('create database kea')
  const how = ['-u', 'postgres', '-p', 'none', '-n', 'kea', '-h', database.folder]
  execFileSync('kea-admin', ['db-init', 'pgsql', ...how], { stdio: 'pipe' })
  const sql = (text: string) => database.query(text, 'kea')

  const at = folder(t)
  const net = network(t)
  const [kea, whio] = [net.namespace('kea'), net.namespace('whio')]
  const [ofKea, ofWhio] = [net.namespace('kea-client'), net.namespace('whio-client')]
  net.veth(kea, 'eth0', ofKea, 'eth0')
  net.veth(whio, 'eth0', ofWhio, 'eth0')
  const [macOfKea, macOfWhio] = [await link(kea, ofKea), await link(whio, ofWhio)]

  const running: Partial<Record<4 | 6, Running>> = {}
  for (const version of [4, 6] as const) {
    const file = join(at, `kea${version}.json`)
    writeFileSync(file, JSON.stringify({ [`Dhcp${version}`]: maps(database.folder, at)[version] }))
    const env = ['KEA_LOCKFILE_DIR=none', 'KEA_LOGGER_DESTINATION=stdout', `KEA_PIDFILE_DIR=${at}`]
    const one = kea.start('env', ...env, `kea-dhcp${version}`, '-c', file)
    await one.until(new RegExp(`DHCP${version}_STARTED`))
    running[version] = one
  }

  // As an operator or a tool writes it, before the server starts.
  await sql(`
    insert into hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, dhcp6_subnet_id,
      ipv4_address, hostname)
      values (decode('${macOfWhio.replaceAll(':', '')}', 'hex'), 0, 4, 6, 171311172, 'by-hand');
    insert into dhcp4_options (code, formatted_value, host_id, scope_id)
      values (6, '10.54.0.53', currval('hosts_host_id_seq'), 3);
    insert into ipv6_reservations (address, host_id)
      values ('2001:db8::77', currval('hosts_host_id_seq'))`)

  const socket = (version: number) => join(at, `whio${version}.sock`)
  const file = join(at, 'whio.json')
  const own = (version: number) => ({
    'control-socket': { 'socket-type': 'unix', 'socket-name': socket(version) },
    'lease-database': { type: 'memfile', name: join(at, 'leases') },
  })
  const { 4: dhcp4, 6: dhcp6 } = maps(database.folder, at)
  const both = { Dhcp4: { ...dhcp4, ...own(4) }, Dhcp6: { ...dhcp6, ...own(6) } }
  writeFileSync(file, JSON.stringify(both))
  const server = whio.node('bin/whio.ts', 'serve', '-c', file)
  await server.until(/HOSTS_DATABASE_READ[\s\S]*HOSTS_DATABASE_READ/)

  await t.test('what stands in Kea’s tables Whio serves', async (t) => {
    const six = await new Dhclient6(ofWhio, folder(t)).bind()
    t.match(six.ip, /^2001:db8::77\b/)
    const four = await new Udhcpc(ofWhio).bind()
    t.match(four, { ip: '10.54.0.68', dns: '10.54.0.53' })
  })

  const ask = async (version: 4 | 6, command: string, given: object) =>
    JSON.parse(await asked(socket(version), JSON.stringify({ command, arguments: given })))

  await t.test('what Whio’s reservation-add writes Kea serves', async (t) => {
    const reservation = {
      'subnet-id': 4,
      'hw-address': macOfKea,
      'ip-address': '10.54.0.200',
      hostname: 'lamp',
      'client-classes': ['floor2'],
      'boot-file-name': 'lamp.bin',
      'option-data': [
        { name: 'domain-name-servers', data: '10.54.0.54' },
        { name: 'routers', 'csv-format': false, data: '0a360009' },
      ],
    }
    t.match(await ask(4, 'reservation-add', { reservation }), { result: 0, text: 'Host added.' })
    const six = { 'subnet-id': 6, 'hw-address': macOfKea, 'ip-addresses': ['2001:db8::78'] }
    t.match(await ask(6, 'reservation-add', { reservation: six }), { result: 0 })
    new Dhclient6(ofKea, folder(t)).start()
    await running[6]!.until(/HR_ADDR_GRANTED reserved address 2001:db8::78 /)
    const four = await new Udhcpc(ofKea).bind()
    const told = { ip: '10.54.0.200', dns: '10.54.0.54', router: '10.54.0.9', file: 'lamp.bin' }
    t.match(four, told)
    t.match(await ask(4, 'reservation-add', { reservation }), {
      result: 1,
      text: 'Database duplicate entry error',
    })
  })

  await t.test('what is deleted there is nobody’s', async (t) => {
    const selector = { 'subnet-id': 4, 'identifier-type': 'hw-address', identifier: macOfKea }
    t.match(await ask(4, 'reservation-del', selector), { result: 0, text: 'Host deleted.' })
    t.equal(await sql('select count(*) from hosts where dhcp4_subnet_id = 4'), '1')
    t.match(await ask(4, 'reservation-get', selector), { result: 3 })
  })
})
