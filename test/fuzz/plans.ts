// The worlds of the fuzz campaign: what the server is configured with, which links it has, and how
// its journal behaves. Each brings paths of the engine into reach that the others do not have.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Interface4 } from '../../lib/ports/datagrams4.ts'
import { planOf } from '../sim/plans.ts'

export interface FuzzPlan {
  readonly name: string
  readonly plan: Plan
  readonly links: readonly Interface4[]
  /** The journal commits when a batch ends; else late, and now and then it fails. */
  readonly commitsAtOnce: boolean
  /** Addresses that mean something in this plan: in and beside pools, reserved, of relays. */
  readonly addresses: readonly Ipv4[]
}

const ETH0: Interface4 = {
  name: 'eth0',
  index: 2,
  addresses: [{ address: 0xc0000201, length: 24 }],
}
const ETH1: Interface4 = {
  name: 'eth1',
  index: 3,
  addresses: [
    { address: 0xc6336401, length: 24 },
    { address: 0x0a000001, length: 8 },
  ],
}

/** 192.0.2.`last`. */
const lan = (last: number): Ipv4 => 0xc0000200 + last
const LAN_ADDRESSES = [1, 2, 9, 10, 11, 12, 15, 19, 20, 21, 50, 200, 201, 255].map(lan)

/** The clients of the campaign that have a reservation (see client-pool.ts). */
const RESERVATIONS = [
  { 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.15', hostname: 'printer' },
  { 'client-id': '01:02:00:00:00:00:02', 'ip-address': '192.0.2.50' },
  {
    'hw-address': '02:00:00:00:00:03',
    hostname: 'netboot.example.org',
    'next-server': '192.0.2.5',
    'boot-file-name': 'pxelinux.0',
    'option-data': [{ name: 'routers', data: '192.0.2.254', 'always-send': true }],
  },
]

const OPTIONS = [
  { name: 'routers', data: '192.0.2.1' },
  { name: 'domain-name-servers', data: '192.0.2.1, 192.0.2.2' },
  { name: 'domain-name', data: 'example.org' },
]

/** More than a reply of 548 bytes has room for. */
const MANY_OPTIONS = [
  ...OPTIONS,
  { name: 'domain-search', data: 'a.example.org, b.example.org, c.example.net' },
  { name: 'ntp-servers', data: '192.0.2.3, 192.0.2.4', 'always-send': true },
  { name: 'classless-static-route', data: '10.0.0.0/8 - 192.0.2.1, 172.16.0.0/12 - 192.0.2.2' },
  { name: 'boot-file-name', data: 'a-rather-long-name-of-a-file-for-network-boot' },
  { code: 43, data: 'ab'.repeat(120), 'csv-format': false },
  { code: 224, data: 'cd'.repeat(300), 'csv-format': false },
  { code: 225, data: 'ef'.repeat(90), 'csv-format': false, 'always-send': true },
]

const DOCUMENTS: Record<string, { document: Dhcp4Document; late?: true; more?: Ipv4[] }> = {
  'lan with reservations': {
    document: {
      'valid-lifetime': 600,
      'decline-probation-period': 300,
      'option-data': OPTIONS,
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          pools: [{ pool: '192.0.2.10 - 192.0.2.200' }],
          reservations: RESERVATIONS,
        },
      ],
    },
  },
  'authoritative, lenient, random, by hardware address': {
    document: {
      'valid-lifetime': 60,
      'max-valid-lifetime': 4294967295,
      'min-valid-lifetime': 10,
      authoritative: true,
      allocator: 'random',
      'decline-probation-period': 300,
      'match-client-id': false,
      'echo-client-id': false,
      compatibility: { 'lenient-option-parsing': true },
      'option-data': OPTIONS,
      subnet4: [{ id: 7, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.200' }] }],
    },
  },
  'tiny pool, short leases, slow and failing journal': {
    late: true,
    document: {
      'valid-lifetime': 20,
      'decline-probation-period': 30,
      'calculate-tee-times': true,
      'expired-leases-processing': { 'hold-reclaimed-time': 15 },
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.12' }] }],
    },
  },
  'no pool': {
    document: {
      'valid-lifetime': 600,
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', reservations: RESERVATIONS.slice(0, 2) }],
    },
  },
  'relays, crowded replies': {
    late: true,
    more: [0xc6336401, 0xc6336405, 0xc6336440, 0xcb007101, 0xcb007114, 0x0a000105, 0x0a640001],
    document: {
      'valid-lifetime': 300,
      'option-data': MANY_OPTIONS,
      'ddns-replace-client-name': 'when-not-present',
      'ddns-qualifying-suffix': 'example.org',
      authoritative: true,
      'decline-probation-period': 60,
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          interface: 'eth0',
          pools: [
            { pool: '192.0.2.10 - 192.0.2.20' },
            {
              pool: '192.0.2.50 - 192.0.2.60',
              'option-data': [{ name: 'dhcp-server-identifier', data: '192.0.2.77' }],
            },
          ],
        },
        { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.5 - 198.51.100.64' }] },
        {
          id: 3,
          subnet: '203.0.113.0/24',
          relay: { 'ip-addresses': ['10.100.0.1'] },
          'server-hostname': 'boot.example.org',
          'boot-file-name': 'image',
          pools: [{ pool: '203.0.113.20 - 203.0.113.29' }],
        },
        {
          id: 4,
          subnet: '10.0.0.0/8',
          allocator: 'random',
          pools: [{ pool: '10.0.1.0 - 10.0.1.255' }],
        },
      ],
    },
  },
}

export const FUZZ_PLANS: readonly FuzzPlan[] = Object.entries(DOCUMENTS).map(
  ([name, { document, late, more = [] }]) => ({
    name,
    plan: planOf(document),
    links: more.length > 0 ? [ETH0, ETH1] : [ETH0],
    commitsAtOnce: late !== true,
    addresses: [...LAN_ADDRESSES, ...more],
  }),
)
