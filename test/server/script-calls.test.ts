// libdhcp_run_script: which hook points are called at what happens to a lease, with which
// environment.

import t from 'tap'
import type { LegalLogPlan } from '../../lib/config/plan/notices-plan.ts'
import type { Outlets } from '../../lib/ports/outlets.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { planWith, SmallWorld } from './small-world.ts'

const { discover, decline, release, request } = MESSAGE_TYPE4

interface Call {
  readonly point: string
  readonly environment: Readonly<Record<string, string>>
}

class Calls implements Outlets {
  readonly calls: Call[] = []
  readonly kept: string[] = []
  isClosed = false

  run(program: string, point: string, environment: Readonly<Record<string, string>>): void {
    if (program !== '/bin/told') throw new Error(program)
    this.calls.push({ point, environment })
  }

  keep(_log: LegalLogPlan, _at: number, line: string): void {
    this.kept.push(line)
  }

  close(): void {
    this.isClosed = true
  }

  /** Those since the last time. */
  take(): Call[] {
    return this.calls.splice(0)
  }
}

function watched(global: object = {}) {
  const library = { library: 'libdhcp_run_script.so', parameters: { name: '/bin/told' } }
  const outlets = new Calls()
  const plan = planWith({}, { 'hooks-libraries': [library], ...global })
  return { outlets, world: SmallWorld.serving(plan, [], 0, undefined, undefined, outlets) }
}

const SERVER = { 54: '\xc0\0\x02\x01' }
const CLIENT_ID = '\x01\x02\0\0\0\0\x01'

function lease(world: SmallWorld): void {
  world.arrive(request, 1, {
    50: '\xc0\0\x02\x14',
    12: 'desk',
    61: CLIENT_ID,
    82: '\x01\x03abc\x02\x02\xfe\x01',
    ...SERVER,
  })
  world.endBatch()
}

const QUERY = {
  QUERY4_TYPE: 'DHCPREQUEST',
  QUERY4_TXID: '1',
  QUERY4_LOCAL_ADDR: '192.0.2.1',
  QUERY4_LOCAL_PORT: '67',
  QUERY4_REMOTE_ADDR: '0.0.0.0',
  QUERY4_REMOTE_PORT: '68',
  QUERY4_IFACE_INDEX: '2',
  QUERY4_IFACE_NAME: 'eth0',
  QUERY4_HOPS: '0',
  QUERY4_SECS: '0',
  QUERY4_FLAGS: '0',
  QUERY4_CIADDR: '0.0.0.0',
  QUERY4_SIADDR: '0.0.0.0',
  QUERY4_YIADDR: '0.0.0.0',
  QUERY4_GIADDR: '0.0.0.0',
  QUERY4_RELAYED: 'false',
  QUERY4_HWADDR: '02:00:00:00:00:01',
  QUERY4_HWADDR_TYPE: '1',
  QUERY4_LOCAL_HWADDR: '',
  QUERY4_LOCAL_HWADDR_TYPE: '',
  QUERY4_REMOTE_HWADDR: '',
  QUERY4_REMOTE_HWADDR_TYPE: '',
}

const RELAY = {
  QUERY4_OPTION_82: '0x01036162630202FE01',
  QUERY4_OPTION_82_SUB_OPTION_1: '0x616263',
  QUERY4_OPTION_82_SUB_OPTION_2: '0xFE01',
}

function leaseOf(prefix: string, more: Record<string, string> = {}) {
  const values = {
    ADDRESS: '192.0.2.20',
    CLTT: '1700000000',
    HOSTNAME: 'desk',
    HWADDR: '02:00:00:00:00:01',
    HWADDR_TYPE: '1',
    STATE: 'default',
    SUBNET_ID: '1',
    VALID_LIFETIME: '600',
    CLIENT_ID: '01:02:00:00:00:00:01',
    ...more,
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]),
  )
}

const ONE = { LEASES4_SIZE: '1', DELETED_LEASES4_SIZE: '0' }

t.test('leases4_committed, once the lease is durable', async (t) => {
  const { outlets, world } = watched()
  world.arrive(discover, 1)
  lease(world)
  t.same(outlets.calls, [], 'it is not stored yet')
  world.committed()
  t.strictSame(outlets.take(), [
    {
      point: 'leases4_committed',
      environment: { ...QUERY, ...RELAY, ...ONE, ...leaseOf('LEASES4_AT0') },
    },
  ])
})

t.test('lease4_renew and leases4_committed', async (t) => {
  const { outlets, world } = watched()
  lease(world)
  world.committed()
  outlets.take()
  world.advance(5000)
  const ciaddr = 0xc0000214
  world.arrive(request, 1, { 61: CLIENT_ID }, ciaddr)
  world.endBatch()
  world.committed()
  const renewal = { QUERY4_CIADDR: '192.0.2.20', QUERY4_REMOTE_ADDR: '192.0.2.20' }
  const started = `${1_700_000_000 + 5}`
  const [first, second, ...more] = outlets.take()
  t.same(more, [])
  t.strictSame(first, {
    point: 'lease4_renew',
    environment: {
      ...QUERY,
      ...renewal,
      SUBNET4_ID: '1',
      SUBNET4_NAME: '192.0.2.0/24',
      SUBNET4_PREFIX: '192.0.2.0',
      SUBNET4_PREFIX_LEN: '24',
      PKT4_CLIENT_ID: '01:02:00:00:00:00:01',
      PKT4_HWADDR: '02:00:00:00:00:01',
      PKT4_HWADDR_TYPE: '1',
      ...leaseOf('LEASE4', { CLTT: started }),
    },
  })
  t.strictSame(second, {
    point: 'leases4_committed',
    environment: { ...QUERY, ...renewal, ...ONE, ...leaseOf('LEASES4_AT0', { CLTT: started }) },
  })
})

t.test('lease4_release with the lease as it was, and leases4_committed', async (t) => {
  const { outlets, world } = watched()
  lease(world)
  world.committed()
  outlets.take()
  world.arrive(release, 1, { 61: CLIENT_ID, ...SERVER }, 0xc0000214)
  world.endBatch()
  world.committed()
  const message = {
    ...QUERY,
    QUERY4_TYPE: 'DHCPRELEASE',
    QUERY4_CIADDR: '192.0.2.20',
    QUERY4_REMOTE_ADDR: '192.0.2.20',
  }
  t.strictSame(outlets.take(), [
    { point: 'lease4_release', environment: { ...message, ...leaseOf('LEASE4') } },
    {
      point: 'leases4_committed',
      environment: {
        ...message,
        LEASES4_SIZE: '0',
        DELETED_LEASES4_SIZE: '1',
        ...leaseOf('DELETED_LEASES4_AT0', { STATE: 'released' }),
      },
    },
  ])
})

t.test('lease4_decline, leases4_committed, and lease4_recover when its time is over', async (t) => {
  const { outlets, world } = watched({
    'decline-probation-period': 60,
    'expired-leases-processing': { 'reclaim-timer-wait-time': 1 },
  })
  lease(world)
  world.committed()
  outlets.take()
  world.arrive(decline, 1, { 50: '\xc0\0\x02\x14', 61: CLIENT_ID, ...SERVER })
  world.endBatch()
  world.committed()
  const [declined, committed, ...more] = outlets.take()
  t.same(more, [])
  t.match(declined, { point: 'lease4_decline', environment: leaseOf('LEASE4') })
  const nobody = { HWADDR: '', HWADDR_TYPE: '0', CLIENT_ID: '', HOSTNAME: '' }
  const row = { ...nobody, STATE: 'declined', VALID_LIFETIME: '60' }
  t.match(committed, { point: 'leases4_committed', environment: leaseOf('LEASES4_AT0', row) })
  world.advance(700_000)
  while (outlets.calls.length === 0) {
    world.committed()
    world.advance(1000)
  }
  t.strictSame(outlets.take(), [{ point: 'lease4_recover', environment: leaseOf('LEASE4', row) }])
})

t.test('lease4_expire', async (t) => {
  for (const [hold, removes] of [
    [0, 'true'],
    [60, 'false'],
  ] as const) {
    const { outlets, world } = watched({
      'expired-leases-processing': { 'reclaim-timer-wait-time': 1, 'hold-reclaimed-time': hold },
    })
    lease(world)
    world.committed()
    outlets.take()
    world.advance(700_000)
    for (let count = 0; count < 5 && outlets.calls.length === 0; count++) {
      world.committed()
      world.advance(1000)
    }
    const environment = { ...leaseOf('LEASE4'), REMOVE_LEASE: removes }
    t.strictSame(outlets.take(), [{ point: 'lease4_expire', environment }])
  }
})

t.test('nobody is told where no script is named, or after a reload without one', async (t) => {
  const { outlets, world } = watched()
  world.server.reload(planWith())
  lease(world)
  world.committed()
  t.same(outlets.calls, [])
  world.server.stop(() => {})
  t.ok(outlets.isClosed)
})
