// What people's clients send, as it was on the wire, and what they throw away of answers: each
// takes what it is told here.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import { goldens6 } from '../wire/golden.ts'
import { hex, ON_LINK } from './messages6.ts'
import { kindOf, TestServer6 } from './test-server6.ts'

const DOCUMENT: Dhcp6Document = {
  ...{ 'preferred-lifetime': 3000, 'valid-lifetime': 4000 },
  'option-data': [
    { name: 'dns-servers', data: '2001:db8::53' },
    { name: 'domain-search', data: 'example.org' },
    { name: 'solmax-rt', data: '3600' },
    { name: 'bootfile-url', data: 'http://boot.example.org/ipxe.efi' },
    { name: 'information-refresh-time', data: '1200' },
  ],
  subnet6: [
    {
      ...{ id: 1, subnet: '2001:db8:7:1::/64', interface: 'eth0', 'rapid-commit': true },
      pools: [{ pool: '2001:db8:7:1::100 - 2001:db8:7:1::1ff' }],
      'pd-pools': [
        { prefix: '2001:db8:7:4000::', 'prefix-len': 50, 'delegated-len': 56 },
        { prefix: '2001:db8:8:4000::', 'prefix-len': 50, 'delegated-len': 64 },
      ],
    },
  ],
}

/** The server that the REQUEST is for. */
const OWN = hex('00:03:00:01:02:00:5e:10:00:fe')

interface Case {
  readonly packet: string
  readonly kind: 'advertise' | 'reply'
  /** Behind the identifiers and what is said of IAs. */
  readonly codes: readonly number[]
  readonly leases: readonly string[]
}

const [FIRST, PREFIX] = ['2001:db8:7:1::100 3000/4000', '2001:db8:7:4000::/56 3000/4000']

const CASES: readonly Case[] = [
  {
    packet: 'solicit-android',
    ...{ kind: 'reply', codes: [OPTION6.rapidCommit, OPTION6.solMaxRt] },
    leases: ['2001:db8:8:4000::/64 3000/4000'],
  },
  {
    packet: 'solicit-networkd',
    ...{ kind: 'reply', codes: [OPTION6.rapidCommit, 23, 24, OPTION6.fqdn, OPTION6.solMaxRt] },
    leases: [FIRST, PREFIX],
  },
  { packet: 'solicit-windows', kind: 'advertise', codes: [23, 24, 39], leases: [FIRST] },
  { packet: 'solicit-uefi', kind: 'advertise', codes: [59], leases: [FIRST] },
  {
    // Its wishes for lifetimes are not counted.
    packet: 'request-odhcp6c',
    ...{ kind: 'reply', codes: [23, 24, OPTION6.solMaxRt] },
    leases: ['2001:db8:7:1::1f4 3000/4000', PREFIX],
  },
  { packet: 'information-request', kind: 'reply', codes: [23, 24, 32, 59], leases: [] },
]

/** odhcp6c throws a whole message away that has one of them outside of an IA. */
const INSIDE_ONLY = [OPTION6.iaAddress, OPTION6.iaPrefix, OPTION6.pdExclude]
const ABOUT_IAS: readonly number[] = [OPTION6.iaNa, OPTION6.iaPd]

for (const { packet, kind, codes, leases } of CASES)
  t.test(packet, async (t) => {
    const serverIds = { own: OWN, accepted: () => false }
    const server = new TestServer6(DOCUMENT, { serverIds })
    const { bytes } = goldens6().find(({ name }) => name === packet)!
    const reply = server.sendBytes(bytes, ON_LINK)
    t.equal(kindOf(reply), kind)
    if (typeof reply === 'string') return
    const { ias, message, status } = reply
    t.equal(status, undefined, 'Apple and odhcp6c give up at a status of the whole message')
    t.equal(message.serverId, OWN)
    const isSaid = (code: number) => code > OPTION6.serverId && !ABOUT_IAS.includes(code)
    t.same(reply.codes.filter(isSaid), codes)
    for (const code of INSIDE_ONLY) t.notOk(message.has(code))
    t.same(
      ias.flatMap((ia) => ia.leases),
      leases,
    )
    for (const { t1, t2, status: own } of ias) {
      t.equal(own, '', 'older networkd gives up at any status')
      t.ok(t1 <= t2 && t2 < 2 ** 31, 'Android reads signed numbers, Apple wants them in order')
    }
  })
