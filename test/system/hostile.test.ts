// A server whose configuration reads all that strangers send: options in options, identifiers,
// names, vendors. It is sent what no client sends, and answers the others as before.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip()

const SEED = 20261129
const ROUNDS = Number(process.env.WHIO_HOSTILE_ROUNDS ?? 30)

/** The tests fail for many a value: each is an error of the class alone. */
const TESTS = [
  'option[43].option[1].option[1].exists',
  "option[43].option[1].hex == 'x' or option[43].hex == option[82].hex",
  "relay4[1].hex == 'port' or relay4[1].option[1].exists or substring(relay4[2].hex,-3,2) == 'x'",
  'vendor[4491].option[1].option[1].exists or vendor.enterprise == 9',
  "vendor-class[4491].data[3] == 'x' or vendor-class[*].exists",
  "addrtotext(option[12].hex) == '192.0.2.1'",
  "uint16totext(option[93].hex) == '7' or int8totext(option[57].hex) == '1'",
  "match('(a|[^b])*.{20}', option[77].hex) or match('.*x', option[61].hex)",
  "split(option[60].hex, ':', 3) == '00007'",
  "hexstring(option[61].hex, ':') == 'ff' or lcase(option[12].hex) == 'a'",
  "option[81].hex == '' and option[175].option[1].exists and pkt.len == 300",
]

const DOCUMENT = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 600,
  'host-reservation-identifiers': ['circuit-id', 'duid', 'client-id', 'hw-address'],
  'store-extended-info': true,
  'stash-agent-options': true,
  'ddns-qualifying-suffix': 'example.org',
  'hostname-char-set': '',
  'ddns-replace-client-name': 'when-not-present',
  'option-def': [
    { name: 'inner', code: 1, space: 'ubnt', type: 'empty', encapsulate: 'within' },
    { name: 'innermost', code: 1, space: 'within', type: 'uint32', array: true },
  ],
  'client-classes': [
    {
      name: 'ubnt',
      test: "option[60].hex == 'ubnt'",
      'option-def': [
        { name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'ubnt' },
      ],
      'option-data': [
        { name: 'innermost', space: 'within', data: '1, 2' },
        { name: 'inner', space: 'ubnt' },
      ],
    },
    ...TESTS.map((test, index) => ({
      name: `reads-${index}`,
      test,
      'option-data': [{ name: 'domain-name', data: `d${index}.example.org`, 'always-send': true }],
    })),
    {
      name: 'each',
      'template-test': 'option[60].hex + relay4[1].hex',
      'user-context': { limits: { 'rate-limit': '5 packets per second' } },
    },
  ],
  'option-data': [
    { name: 'vivso-suboptions', data: '4491' },
    { code: 2, space: 'vendor-4491', data: '10.0.0.3', 'always-send': true, name: 'tftp-servers' },
  ],
  subnet4: [
    {
      id: 1,
      subnet: '10.0.0.0/16',
      pools: [{ pool: '10.0.1.0 - 10.0.99.255' }],
      reservations: [
        { 'circuit-id': "'port'", 'ip-address': '10.0.200.1' },
        { duid: '00:01:00:01', 'ip-address': '10.0.200.2' },
      ],
    },
  ],
}

function residentMegabytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024
}

t.test('what strangers send changes nothing for the others', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  const relay = net.namespace('relay')
  net.veth(server, 'eth0', relay, 'eth0')
  server.addAddress('eth0', '10.0.0.1/16')
  relay.addAddress('eth0', '10.0.0.9/16')
  const libraries = {
    libdhcp_limits: undefined,
    libdhcp_legal_log: { path: at, 'base-name': 'legal' },
    libdhcp_run_script: { name: '/bin/true', sync: false },
    libdhcp_flex_option: {
      options: [
        { code: 12, supersede: "ifelse(option[12].exists, option[12].hex + relay4[2].hex, '')" },
        { code: 67, add: 'option[77].hex + uint16totext(option[93].hex)' },
      ],
    },
  }
  const whio = new Daemon(server, at, {
    ...DOCUMENT,
    'hooks-libraries': Object.entries(libraries).map(([name, parameters]) => ({
      library: `${name}.so`,
      ...(parameters && { parameters }),
    })),
  })
  await whio.serves('eth0')
  const strangers = relay.node(
    'test/system/hostile-relay.ts',
    '10.0.0.9',
    '10.0.0.1',
    `${SEED}`,
    `${ROUNDS}`,
  )
  await strangers.until(new RegExp(`"round":${Math.floor(ROUNDS / 3)}\\b`))
  const before = residentMegabytes(whio.running.pid)
  const [, answered] = await strangers.until(/"answered":(\d+)/)
  const after = residentMegabytes(whio.running.pid)
  t.ok(Number(answered) > ROUNDS, `many of them are answered: ${answered}`)
  t.ok(after < before + 150, `memory is bounded: ${before} MB, then ${after} MB`)
  const { statistics } = await whio.status()
  t.equal(statistics['pkt4-drop-internal'], 0)
  t.ok(statistics['pkt4-ack-sent']! > 0, 'some of them get leases')
  t.equal(await whio.stop(), 0)
  t.notOk(whio.wrote(/INTERNAL|RUN_SCRIPT_FAILED/))
})
