// How many addresses and prefixes a subnet, or clients of a class, have at most (libdhcp_limits).

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import { duidLl } from '../../lib/wire/v6/duid.ts'
import {
  client,
  DOCUMENT,
  LeaseServer6,
  na,
  pd,
  RELEASE,
  RENEW,
  REQUEST,
  SOLICIT,
  SUBNET,
} from './lease-server6.ts'

const LIBRARY = [{ library: 'libdhcp_limits.so' }]
const most = (addresses: number, prefixes: number) => ({
  'user-context': { limits: { 'address-limit': addresses, 'prefix-limit': prefixes } },
})

function serverWith(document: Partial<Dhcp6Document>): LeaseServer6 {
  const server = new LeaseServer6({ ...DOCUMENT, 'hooks-libraries': LIBRARY, ...document })
  server.table.classes.follow(server.plan.classLimits.addresses)
  return server
}

t.test('of a subnet: addresses and prefixes count for themselves', async (t) => {
  const server = serverWith({ subnet6: [{ ...SUBNET, ...most(2, 1) }] })
  t.strictSame(server.ias(REQUEST, client(1), [na(1), pd(1), na(2), pd(2), na(3)]), [
    'NA 1: 2001:db8:1::10 3000/4000',
    'PD 1: 2001:db8:8000::/56 3000/4000',
    'NA 2: 2001:db8:1::11 3000/4000',
    'PD 2: NoPrefixAvail',
    'NA 3: NoAddrsAvail',
  ])
  t.strictSame(server.ias(SOLICIT, client(2), [na(1), pd(1)]), [
    'NA 1: NoAddrsAvail',
    'PD 1: NoPrefixAvail',
  ])
  t.strictSame(
    server.ias(RENEW, client(1), [na(1, '2001:db8:1::10')]),
    ['NA 1: 2001:db8:1::10 3000/4000'],
    'who has a lease keeps it',
  )
  server.send(RELEASE, client(1), [na(2, '2001:db8:1::11')])
  t.strictSame(server.lease(client(2), na(1)), ['2001:db8:1::12'])
})

t.test('in a shared network a full subnet does not keep the others from serving', async (t) => {
  const second = {
    id: 2,
    subnet: '2001:db8:2::/64',
    pools: [{ pool: '2001:db8:2::10/128' }],
    'pd-pools': [{ prefix: '2001:db8:9000::', 'prefix-len': 52, 'delegated-len': 56 }],
  }
  const network = { name: 'floor', subnet6: [{ ...SUBNET, ...most(1, 1) }, second] }
  const server = serverWith({ subnet6: [], 'shared-networks': [network] })
  t.strictSame(server.lease(client(1), na(), pd()), ['2001:db8:1::10', '2001:db8:8000::/56'])
  t.strictSame(server.lease(client(2), na(), pd()), ['2001:db8:2::10', '2001:db8:9000::/56'])
})

t.test('of a class', async (t) => {
  const phones = {
    name: 'phones',
    test: "substring(option[16].hex,6,5) == 'phone'",
    ...most(1, 1),
  }
  const server = serverWith({ 'client-classes': [phones] })
  const options = [[OPTION6.vendorClass, '\0\0\0\x09\0\x05phone']] as const
  const phone = (number: number) => client(number, { options })
  t.strictSame(server.lease(phone(1), na(), pd()), ['2001:db8:1::10', '2001:db8:8000::/56'])
  t.strictSame(server.ias(REQUEST, phone(2), [na(), pd()]), [
    'NA 1: NoAddrsAvail',
    'PD 1: NoPrefixAvail',
  ])
  t.strictSame(server.lease(client(3), na(), pd()), ['2001:db8:1::11', '2001:db8:8000:100::/56'])
  server.send(RELEASE, phone(1), [pd(1, '2001:db8:8000::/56')])
  t.strictSame(server.ias(REQUEST, phone(2), [na(), pd()]), [
    'NA 1: NoAddrsAvail',
    'PD 1: 2001:db8:8000:200::/56 3000/4000',
  ])
})

t.test('of a template: each of its values counts for itself, prefixes apart', async (t) => {
  const server = serverWith({
    'client-classes': [
      { name: 'make', 'template-test': 'substring(option[1].hex, 9, 1)', ...most(1, 1) },
    ],
  })
  const asked = (number: number) => server.ias(REQUEST, client(number), [na(1), pd(1)])
  t.notMatch(asked(1).join(), 'Avail')
  t.notMatch(asked(2).join(), 'Avail', 'another value')
  t.strictSame(server.ias(REQUEST, client(1), [na(2), pd(2)]), [
    'NA 2: NoAddrsAvail',
    'PD 2: NoPrefixAvail',
  ])
  const same = { ...client(3), duid: duidLl(1, '\0\0\x5e\0\x54\x01') }
  t.strictSame(server.ias(REQUEST, same, [na(3)]), ['NA 3: NoAddrsAvail'], 'another client')
})
