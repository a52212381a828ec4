// libdhcp_ping_check: what its parameters and the user-context of subnets make of each subnet, and
// what is told of them.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const LIBRARY = '/usr/lib/kea/hooks/libdhcp_ping_check.so'

function load(libraries: readonly object[], context?: object) {
  const subnet = { pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }
  const own = context === undefined ? {} : { 'user-context': context }
  const { plan, problems } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'hooks-libraries': libraries,
        subnet4: [{ id: 1, subnet: '192.0.2.0/24', ...subnet, ...own }],
      },
    },
    { stateDirectory: '/nowhere' },
  )
  const said = problems
    .filter(({ code }) => code !== 'key-not-done')
    .map((one) => `${one.severity} ${formatProblem(one)}`)
  return { check: plan?.dhcp4?.subnets[0]?.addressCheck, said, isServed: plan !== undefined }
}

function checked(parameters: object, context?: object) {
  return load([{ library: LIBRARY, parameters }], context)
}

const DEFAULT = { requests: 1, replyWait: 100, recent: 60 }

t.test('whether and how an address is asked for before it is offered', async (t) => {
  const off = { 'enable-ping-check': false }
  const all = { 'min-ping-requests': 2, 'reply-timeout': 250, 'ping-cltt-secs': 0 }
  const cases: readonly [string, ReturnType<typeof load>, object | undefined][] = [
    ['no library', load([]), undefined],
    ['the library alone', load([{ library: LIBRARY }]), DEFAULT],
    ['every key', checked(all), { requests: 2, replyWait: 250, recent: 0 }],
    ['switched off', checked(off), undefined],
    ['off in the subnet', checked({}, { 'ping-check': off }), undefined],
    [
      'on in the subnet only',
      checked(off, { 'ping-check': { 'enable-ping-check': true } }),
      DEFAULT,
    ],
    [
      'what a subnet does not say it inherits, key by key',
      checked(all, { 'ping-check': { 'min-ping-requests': 3 } }),
      { requests: 3, replyWait: 250, recent: 0 },
    ],
    ['another context', checked({}, { floor: 2 }), DEFAULT],
  ]
  for (const [what, { check, said }, expected] of cases) {
    t.same(check, expected, what)
    t.same(said, [], what)
  }
})

t.test('mistakes have their place', async (t) => {
  const at = 'Dhcp4.hooks-libraries[0].parameters'
  const subnet = 'Dhcp4.subnet4[0].user-context.ping-check'
  const cases: readonly [ReturnType<typeof load>, readonly string[], boolean][] = [
    [
      checked({ 'min-ping-request': 1 }),
      [`error ${at}.min-ping-request: unknown key (did you mean "min-ping-requests"?)`],
      false,
    ],
    [
      checked({ 'reply-timeout': '100', 'min-ping-requests': 0 }),
      [
        `error ${at}.min-ping-requests: 0 is out of range (1 to 4294967295)`,
        `error ${at}.reply-timeout: "100" is not a whole number (1 to 4294967295, without quotes)`,
      ],
      false,
    ],
    [
      checked({}, { 'ping-check': { 'ping-cltt-secs': true } }),
      [`error ${subnet}.ping-cltt-secs: true is not a whole number (0 to 4294967295)`],
      false,
    ],
    [checked({}, { 'ping-check': 7 }), [`error ${subnet}: 7 is not a map`], false],
    [
      checked({ 'min-ping-requests': 5, 'reply-timeout': 1000 }),
      [`warning ${at}: a client waits 5000 ms for an OFFER (it asks again after 4000 ms)`],
      true,
    ],
    [
      checked({}, { 'ping-check': { 'reply-timeout': 100_000 } }),
      [`error ${subnet}: a client waits 100000 ms for an OFFER (at most 60000 ms in all)`],
      false,
    ],
    [
      load([{ library: LIBRARY }, { library: 'libdhcp_ping_check.so' }]),
      [
        'error Dhcp4.hooks-libraries[1].library: libdhcp_ping_check stands here a second time (write all its parameters in one place)',
      ],
      false,
    ],
    [
      load([], { 'ping-check': { 'enable-ping-check': true } }),
      [
        `warning ${subnet}: nothing is asked before an address is offered (name libdhcp_ping_check.so in hooks-libraries)`,
      ],
      true,
    ],
    [
      checked({ 'ping-channel-threads': 4 }),
      [`info ${at}.ping-channel-threads: without effect in Whio (one thread asks and reads)`],
      true,
    ],
  ]
  for (const [{ said, isServed }, expected, served] of cases) {
    t.same(said, expected)
    t.equal(isServed, served, said.join())
  }
})
