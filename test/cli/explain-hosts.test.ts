// A client that a database of reservations knows is explained: with what the database says, or with
// a word that nobody asked it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { postgresHosts } from '../system/kea-hosts-schema.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { whio } from './whio.ts'

const ROWS = `insert into hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id,
    dhcp6_subnet_id, ipv4_address) values
  ('\\x02000000000a', 0, 1, null, 3221226088), ('\\x0003000102000000000b', 1, null, 6, null);
  insert into ipv6_reservations (address, host_id) values ('2001:db8::77', 2)`

t.test('reservations of a database, explained', { skip: postgresSkip() }, async (t) => {
  const server = await Postgres.start(t)
  await server.query('create database kea')
  await server.query(postgresHosts('34.0'), 'kea')
  await server.query(ROWS, 'kea')
  await server.query('create database leases')
  const at = { type: 'postgresql', host: server.folder, user: 'postgres' }
  const four = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.20' }] }
  const six = { id: 6, subnet: '2001:db8::/64', pools: [{ pool: '2001:db8::10 - 2001:db8::20' }] }
  const common = {
    'interfaces-config': { interfaces: ['eth0'] },
    'hosts-databases': [{ ...at, name: 'kea' }],
    'lease-database': { type: 'memfile', name: join(t.testdirName, 'a.sqlite') },
  }
  const file = join(t.testdir(), 'whio.conf')
  const both = {
    Dhcp4: { ...common, subnet4: [four] },
    Dhcp6: { ...common, subnet6: [{ ...six, interface: 'eth0' }] },
  }
  writeFileSync(file, JSON.stringify(both))
  const CLIENT4 = 'mac=02:00:00:00:00:0a interface=eth0/192.0.2.1'
  const CLIENT6 = 'duid=00:03:00:01:02:00:00:00:00:0b interface=eth0'
  const explained = (client: string, ...more: string[]) =>
    whio('explain', file, '--client', client, ...more)

  const asIs = await explained(CLIENT4)
  t.match(asIs, { code: 0, stdout: /^hosts +postgresql database kea at .*\s+.*not\s+asked/m })
  t.match(asIs.stdout, /^reservation +none is known \(looked up by .*\s+not /m)

  const csv = join(t.testdirName, 'kea-leases4.csv')
  writeFileSync(csv, 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id\n')
  t.match(await whio('import', '-c', file, csv), { code: 0 })
  const asked = await explained(CLIENT4, '--leases')
  t.match(asked, { code: 0, stdout: /OFFER of 192\.0\.2\.104\n/ }, asked.stdout)
  t.match(asked.stdout, /^hosts +1 reservation of postgresql database kea/m)
  t.match(asked.stdout, /^reservation +by hw-address.*: 192\.0\.2\.104/m)
  const stranger = await explained('mac=02:00:00:00:00:ee interface=eth0/192.0.2.1', '--leases')
  t.match(stranger.stdout, /^reservation +none \(looked up by/m)
  const asked6 = await explained(CLIENT6, '--leases')
  t.match(asked6, { code: 0, stdout: /^reservation +by duid.*: 2001:db8::77/m }, asked6.stdout)

  await server.query('drop database kea')
  const gone = await explained(CLIENT4, '--leases', '--json')
  const [hosts] = (JSON.parse(gone.stdout) as { hosts: { trouble: string }[] }).hosts
  t.match(hosts, { reservations: 0, trouble: /^it cannot be read: .*kea/ })
  const words = await explained(CLIENT6)
  t.match(words.stdout, /^reservation +none is known/m)
})
