// The parameters of libdhcp_lease_query.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'

function load(parameters: object, family: 4 | 6 = 4) {
  const hooks = [{ library: '/opt/libdhcp_lease_query.so', parameters }]
  const document = family === 4 ? { subnet4: [] } : { subnet6: [] }
  const written = { [`Dhcp${family}`]: { 'hooks-libraries': hooks, ...document } }
  return loadPlanFromObject(written, { stateDirectory: undefined })
}

const said = (parameters: object, family: 4 | 6 = 4) =>
  load(parameters, family)
    .problems.filter(({ path }) => path.includes('hooks-libraries'))
    .map(({ severity, path, message }) => `${severity} ${path.slice(2).join('.')}: ${message}`)

t.test('what Kea documents is compiled, with its defaults', async (t) => {
  const requesters = ['192.0.2.1', '198.51.100.0/24']
  const { plan } = load({ requesters })
  t.strictSame(plan?.dhcp4?.leaseQuery, {
    requesters: [
      { address: 0xc0000201, length: 32 },
      { address: 0xc6336400, length: 24 },
    ],
    bulk: undefined,
  })
  const bulk = (advanced: object) => load({ requesters, advanced }).plan?.dhcp4?.leaseQuery?.bulk
  const usual = {
    address: '127.0.0.1',
    port: 67,
    connectionsMax: 10,
    queriesMax: 4,
    idle: 300_000,
    leasesPerFetch: 100,
  }
  t.strictSame(bulk({ 'bulk-query-enabled': true }), usual)
  const all = {
    'bulk-query-enabled': true,
    'active-query-enabled': false,
    'extended-info-tables-enabled': true,
    'lease-query-ip': '192.0.2.9',
    'lease-query-tcp-port': 6767,
    'max-bulk-query-threads': 0,
    'max-requester-connections': 5,
    'max-concurrent-queries': 7,
    'max-requester-idle-time': 30,
    'max-leases-per-fetch': 20,
    comment: 'by the concentrators',
  }
  t.strictSame(bulk(all), {
    address: '192.0.2.9',
    port: 6767,
    connectionsMax: 5,
    queriesMax: 7,
    idle: 30_000,
    leasesPerFetch: 20,
  })
  t.equal(bulk({ 'bulk-query-enabled': false, 'lease-query-ip': '192.0.2.9' }), undefined)
})

t.test('what is wrong is told with its place', async (t) => {
  const at = '0.parameters'
  const rows: [object, string[]][] = [
    [{ requesters: [] }, [`error ${at}: nobody may ask`]],
    [
      { requesters: ['2001:db8::1', '192.0.2.1'] },
      [`error ${at}.requesters.0: '2001:db8::1' is no IPv4 address or prefix`],
    ],
    [
      { requesters: ['192.0.2.1'], advanced: { 'active-query-enabled': true } },
      [`error ${at}.advanced.active-query-enabled: not served by this version`],
    ],
    [
      { requesters: ['192.0.2.1'], advanced: { 'bulk-query-enabled': true, 'cert-file': '/x' } },
      [`error ${at}.advanced.cert-file: not served by this version`],
    ],
    [
      { requesters: ['192.0.2.1'], advanced: { 'lease-query-tcp-port': 6767 } },
      [`warning ${at}.advanced: nothing is listened to`],
    ],
  ]
  for (const [parameters, expected] of rows) t.strictSame(said(parameters), expected)
  t.match(said({}), [/requesters/])
  t.match(said({ requesters: ['192.0.2.1'], advanced: { 'max-requester-connections': 0 } }), [
    /max-requester-connections/,
  ])
})

t.test('in Dhcp6 it is warned of: clients are served without it', async (t) => {
  const { plan, problems } = load({ requesters: ['2001:db8::1'] }, 6)
  t.ok(plan)
  t.match(
    problems.filter(({ path }) => path.includes('library')),
    [{ severity: 'warning', code: 'key-not-done' }],
  )
})
