// What `whio explain FILE --client` tells of a client of DHCPv6, word by word.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { clientFromText6, isOfDhcp6 } from '../../lib/explain/client-text6.ts'
import { type Explained6, explain6 } from '../../lib/explain/explain6.ts'
import { explainedLines6 } from '../../lib/explain/report-lines6.ts'
import type { Lease6 } from '../../lib/leases/lease.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { hex } from '../dhcp6/messages6.ts'
import { planOf, TestServer6 } from '../dhcp6/test-server6.ts'

const SERVER_ID = hex('00:02:00:00:09:bf:01')

const HALL: Dhcp6Document = {
  'interfaces-config': { interfaces: ['eth0'] },
  'preferred-lifetime': 3000,
  'valid-lifetime': 4000,
  'client-classes': [
    {
      name: 'phones',
      test: 'option[15].exists',
      'option-data': [{ name: 'sip-server-dns', data: 'sip.example' }],
    },
  ],
  'option-data': [{ name: 'dns-servers', data: '2001:db8::53' }],
  subnet6: [
    {
      id: 1,
      subnet: '2001:db8:1::/64',
      interface: 'eth0',
      pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::19' }],
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }],
      'option-data': [{ name: 'domain-search', data: 'hall.example' }],
      reservations: [
        {
          duid: '00:03:00:01:52:54:00:12:34:56',
          'ip-addresses': ['2001:db8:1::77'],
          hostname: 'door',
        },
      ],
    },
    {
      id: 2,
      subnet: '2001:db8:2::/64',
      'interface-id': 'port-2',
      pools: [{ pool: '2001:db8:2::/80' }],
    },
  ],
}

function explained(text: string, document = HALL, rows: readonly Lease6[] = []): Explained6 {
  const plan = planOf(document)
  const table = leaseTable6()
  for (const lease of rows) table.apply({ kind: 'put', lease })
  const client = clientFromText6(text, plan.registry, SERVER_ID)
  return explain6({ plan, ha: undefined, table, now: 0, serverId: SERVER_ID, ...client })
}

function lines(text: string, document = HALL): string {
  return explainedLines6(
    explained(text, document),
    { leases: 'none', hosts: [] },
    (_, line) => line,
  ).join('\n')
}

t.test('a client with a reservation that wants a prefix, too', async (t) => {
  t.equal(
    lines('52:54:00:12:34:56 pd=1 ask=23,24,22'),
    `client       duid 00:03:00:01:52:54:00:12:34:56, interface eth0
asks for     23 24 22
assumed      it arrives at eth0 (interface=...)
             its DUID is made of its hardware address (duid=...)
leases       none

SOLICIT -> ADVERTISE
classes      + KNOWN: it has a reservation
             - phones: there is no option 15 (user-class)
subnet       2001:db8:1::/64 (id 1): it is bound to eth0
reservation  by duid 00:03:00:01:52:54:00:12:34:56: 2001:db8:1::77 and the name door
hardware     52:54:00:12:34:56 (ipv6-link-local)
IA_NA 1      T1 1500 s, T2 2400 s
             2001:db8:1::77, preferred 3000 s, valid 4000 s: reserved for the client
IA_PD 1      T1 1500 s, T2 2400 s
             2001:db8:8000::/56, preferred 3000 s, valid 4000 s: free, of the pool
             2001:db8:8000::/48 in /56
sent to      fe80::5054:ff:fe12:3456 through eth0, port 546
options of the reply
    1  clientid       00:03:00:01:52:54:00:12:34:56  returned as the client sent it
    2  serverid       00:02:00:00:09:bf:01           the DUID of the server, which is made when it starts
   23  dns-servers    2001:db8::53                   global
   24  domain-search  hall.example.                  subnet 1
asked for, and not in the reply
       no level that counts gives a value: sip-server-addr (22)

REQUEST -> REPLY
IA_NA 1      T1 1500 s, T2 2400 s
             2001:db8:1::77, preferred 3000 s, valid 4000 s: reserved for the client
IA_PD 1      T1 1500 s, T2 2400 s
             2001:db8:8000::/56, preferred 3000 s, valid 4000 s: the client asks for it, and it is
             free, of the pool 2001:db8:8000::/48 in /56
options      as before`,
  )
})

t.test(
  'behind a relay: the port, the hardware address that the relay says, options of a class',
  async (t) => {
    const { client, steps } = explained(
      'duid=00:04:01:02 52:54:00:00:00:01 interface-id=port-2 remote-id=9:line 15=0x00036c6162 ask=21',
    )
    t.match(client, { relay: '::', 'interface-id': "'port-2'", 'option 79': '52:54:00:00:00:01' })
    const [step] = steps
    t.match(step?.subnet, { id: 2, why: 'its interface-id is what the relay calls its interface' })
    t.equal(step?.hardware, '52:54:00:00:00:01 (client-link-addr-option)')
    t.match(step?.options.sent.at(-1), { code: 21, from: 'class phones' })
    t.match(step?.sentTo, /^the relay fe80::5054:ff:fe00:1, port 547$/)
  },
)

t.test('silence, a link that is another one, a full subnet', async (t) => {
  const silent = explained('duid=00:04:01:02 relay=2001:db8:99::1').steps[0]
  t.match(silent, { answer: 'silence', reason: 'no-subnet', why: /no subnet fits/, ias: [] })
  t.ok(silent!.help.length > 1)
  const moved = explained('duid=00:04:01:02 type=confirm address=2001:db8:5::5').steps[0]
  t.match(moved, { answer: 'REPLY', why: 'not on this link' })
  const nothing = explained('duid=00:04:01:02 relay=2001:db8:2::1 na=0 pd=1').steps[0]
  t.match(nothing?.ias, [
    { status: 'NoPrefixAvail', why: 'no pool is for this client, and nothing is reserved for it' },
  ])
})

t.test('a lease that the client has, and one that it had', async (t) => {
  const server = new TestServer6(HALL)
  server.now = 0
  server.give('2001:db8:1::15', 1)
  const row = server.row('2001:db8:1::15')!
  const asks = 'duid=00:03:00:01:02:00:5e:10:00:01'
  const why = (rows: readonly Lease6[]) => explained(asks, HALL, rows).steps[0]?.ias[0]?.leases[0]
  t.match(why([row]), { lease: '2001:db8:1::15', why: 'the client has it by a running lease' })
  t.match(why([{ ...row, state: 3, end: 0 }]), {
    lease: '2001:db8:1::15',
    why: 'the client had it before',
  })
  t.match(why([]), { lease: '2001:db8:1::10', why: 'free' })
})

t.test('which texts are of DHCPv6, and what is wrong with others', async (t) => {
  for (const text of [
    'duid=00:04:01',
    'mac=52:54:00:12:34:56 pd=1',
    'type=solicit',
    'relay=2001:db8::1',
  ])
    t.ok(isOfDhcp6(text), text)
  for (const text of ['52:54:00:12:34:56', 'mac=52:54:00:12:34:56 type=request', 'relay=10.0.0.1'])
    t.notOk(isOfDhcp6(text), text)
  const { registry } = planOf(HALL)
  for (const [text, message] of [
    ['na=1', /who is it/],
    ['duid=xx', /duid: 'xx' is not hexadecimal/],
    ['duid=00:04:01 prefix=nowhere', /prefix: 'nowhere' is no prefix/],
    ['duid=00:04:01 address=2001:db8::/64', /address: .* is no IPv6 address/],
    ['duid=00:04:01 type=discover', /type: 'discover' is none of solicit/],
    ['duid=00:04:01 pd=99', /pd: '99' is not from 0 to 32/],
    ['duid=00:04:01 nonsense=1', /'nonsense' is no option and none of mac, duid/],
    ['duid=00:04:01 remote-id=line', /remote-id: 'line' has no number in front/],
  ] as const)
    t.throws(() => clientFromText6(text, registry, SERVER_ID), { message }, text)
})

t.test(
  'RFC 9915 appendix B: an option that the REPLY never has is no sign of a full one',
  async (t) => {
    const document: Dhcp6Document = {
      ...HALL,
      'option-data': [
        { name: 'preference', data: '9' },
        { name: 'information-refresh-time', data: '3600', 'always-send': true },
      ],
    }
    const text = lines('mac=52:54:00:12:34:56 ask=23', document)
    const [offer, answer] = text.split('REQUEST -> REPLY')
    t.match(offer, /7 +preference +9 +global/)
    t.match(
      answer!.replaceAll(/\s+/g, ' '),
      /7 preference: no reply of this kind has it \(RFC 9915 appendix B\) .*32 information-refresh-time: no reply of this kind has it/,
    )
    t.notMatch(text, /the reply is full/)
  },
)
