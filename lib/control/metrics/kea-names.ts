// Under which names the statistics of Kea go to Prometheus: those of Stork's agent and those of
// kea-exporter, where they differ both. Names that end in _total though they go up and down are
// theirs.

import type { Kind } from '../statistics/history.ts'

export interface MetricName {
  /** Behind `kea_dhcp4_` or `kea_dhcp6_`. */
  readonly name: string
  readonly help: string
  readonly kind: Kind
  /** A label of its own. */
  readonly context?: string
}

function count(name: string, help: string, context?: string): MetricName {
  return { name, help, kind: 'count', ...(context === undefined ? {} : { context }) }
}

function state(name: string, help: string): MetricName {
  return { name, help, kind: 'state' }
}

type Names = ReadonlyMap<string, readonly MetricName[]>

const FAILED = 'Clients that got no lease, by where and why'

function failuresOf(family: 'v4' | 'v6'): readonly (readonly [string, readonly MetricName[]])[] {
  const kinds = ['shared-network', 'subnet', 'no-pools', 'classes']
  return [
    [`${family}-allocation-fail`, [count('allocation_fail_total', 'Clients that got no lease')]],
    ...kinds.map(
      (kind) =>
        [
          `${family}-allocation-fail-${kind}`,
          [
            count(`allocation_fail_${kind.replaceAll('-', '_')}_total`, FAILED),
            count('allocations_failed_total', FAILED, kind),
          ],
        ] as const,
    ),
  ]
}

const DECLINED: readonly (readonly [string, readonly MetricName[]])[] = [
  ['declined-addresses', [state('addresses_declined_total', 'Addresses out of use')]],
  [
    'reclaimed-declined-addresses',
    [count('addresses_declined_reclaimed_total', 'Declined addresses that are in use again')],
  ],
  ['reclaimed-leases', [count('addresses_reclaimed_total', 'Leases that have ended')]],
]

const GIVEN = 'Leases that were given to somebody new'
const REUSED = 'Leases that were told anew without a write'
const CONFLICTS = 'Clients whose reserved address another one has'

/** By what follows `subnet[ID].`; those that are also global stand there by the same names. */
export const SUBNET_NAMES4: Names = new Map([
  ['total-addresses', [state('addresses_total', 'Addresses of the pools')]],
  ['assigned-addresses', [state('addresses_assigned_total', 'Leased and declined addresses')]],
  ['cumulative-assigned-addresses', [count('cumulative_addresses_assigned_total', GIVEN)]],
  ...DECLINED,
  ...failuresOf('v4'),
  ['v4-lease-reuses', [count('lease_reuses_total', REUSED), count('leases_reused_total', REUSED)]],
  ['v4-reservation-conflicts', [count('reservation_conflicts_total', CONFLICTS)]],
])

export const SUBNET_NAMES6: Names = new Map([
  ['total-nas', [state('na_total', 'Addresses of the pools')]],
  ['assigned-nas', [state('na_assigned_total', 'Leased and declined addresses')]],
  ['cumulative-assigned-nas', [count('cumulative_nas_assigned_total', GIVEN)]],
  ['total-pds', [state('pd_total', 'Prefixes of the pd-pools')]],
  ['assigned-pds', [state('pd_assigned_total', 'Delegated prefixes')]],
  ['cumulative-assigned-pds', [count('cumulative_pds_assigned_total', GIVEN)]],
  ...DECLINED,
  ...failuresOf('v6'),
  [
    'v6-ia-na-lease-reuses',
    [count('ia_na_lease_reuses_total', REUSED), count('na_reuses_total', REUSED)],
  ],
  [
    'v6-ia-pd-lease-reuses',
    [count('ia_pd_lease_reuses_total', REUSED), count('pd_reuses_total', REUSED)],
  ],
  [
    'cumulative-registered-nas',
    [count('cumulutive_registered_total', 'Addresses that hosts have made and registered')],
  ],
])

/** Of pools, in the names of Stork's agent; kea-exporter has those of subnets. */
export const POOL_NAMES: Readonly<Record<4 | 6 | 'pd', Names>> = {
  4: new Map([
    ['total-addresses', [state('pool_addresses_total', 'Addresses of the pool')]],
    ['assigned-addresses', [state('pool_addresses_assigned_total', 'Leased and declined ones')]],
    ['cumulative-assigned-addresses', [count('pool_addresses_cumulative_assigned_total', GIVEN)]],
    ...pooled('addresses'),
  ]),
  6: new Map([
    ['total-nas', [state('pool_na_total', 'Addresses of the pool')]],
    ['assigned-nas', [state('pool_na_assigned_total', 'Leased and declined ones')]],
    ['cumulative-assigned-nas', [count('pool_cumulative_nas_assigned_total', GIVEN)]],
    ...pooled('addresses'),
  ]),
  pd: new Map([
    ['total-pds', [state('pool_pd_total', 'Prefixes of the pd-pool')]],
    ['assigned-pds', [state('pool_pd_assigned_total', 'Delegated prefixes')]],
    ['cumulative-assigned-pds', [count('pool_cumulative_pds_assigned_total', GIVEN)]],
    ['reclaimed-leases', [count('pool_pd_addresses_reclaimed_total', 'Leases that have ended')]],
  ]),
}

function pooled(what: string): readonly (readonly [string, readonly MetricName[]])[] {
  return DECLINED.map(([kea, names]) => [
    kea,
    names.map((one) => ({ ...one, name: `pool_${one.name.replace('addresses', what)}` })),
  ])
}

/** Message types by direction, in the words of the label `operation`. */
export const OPERATIONS = {
  4: {
    received: [
      ...['discover', 'offer', 'request', 'ack', 'nak', 'release', 'decline', 'inform', 'unknown'],
    ],
    sent: ['offer', 'ack', 'nak'],
  },
  6: {
    received: [
      ...['solicit', 'advertise', 'request', 'reply', 'renew', 'rebind', 'release', 'decline'],
      ...['infrequest', 'unknown'],
    ],
    sent: ['advertise', 'reply'],
  },
} as const
