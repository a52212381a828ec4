// Libraries that watch leases: their parameters, and what is told of mistakes.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

function load(library: string, parameters: object | undefined) {
  const given = parameters === undefined ? {} : { parameters }
  const { plan, problems } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'hooks-libraries': [{ library, ...given }],
      },
    },
    { stateDirectory: '/nowhere' },
  )
  const said = problems.map((one) => `${one.severity} ${formatProblem(one)}`)
  return { notices: plan?.dhcp4?.notices, said }
}

const AT = 'error Dhcp4.hooks-libraries[0].parameters'

t.test('libdhcp_run_script', async (t) => {
  const library = '/usr/lib/kea/hooks/libdhcp_run_script.so'
  const name = '/usr/local/sbin/told'
  t.match(load(library, { name, sync: false }), { notices: { script: name }, said: [] })
  const mistakes: readonly [object | undefined, readonly string[]][] = [
    [
      undefined,
      [
        `${AT}.name: the key is missing (Absolute path of the program; its argument is the hook point)`,
      ],
    ],
    [
      { name: 'told' },
      [`${AT}.name: 'told' is not an absolute path (such as /usr/local/sbin/on-lease)`],
    ],
    [{ name, sync: true }, [`${AT}.sync: no answer waits for a script (false, as in Kea)`]],
    [{ name, path: '/tmp' }, [`${AT}.path: unknown key`]],
    [{ name: 7 }, [`${AT}.name: 7 is not a text (put it in double quotes)`]],
  ]
  for (const [parameters, expected] of mistakes) {
    const { notices, said } = load(library, parameters)
    t.same(said, expected)
    t.equal(notices, undefined)
  }
})

t.test('libdhcp_legal_log', async (t) => {
  const library = 'libdhcp_legal_log.so'
  const files = {
    kind: 'files',
    folder: '/var/log/kea',
    baseName: 'kea-legal',
    timeUnit: 'day',
    count: 1,
    prerotate: '',
    postrotate: '',
    timestamp: '%Y-%m-%d %H:%M:%S %Z',
  }
  t.same(load(library, undefined).notices?.legalLog?.to, files)
  const own = { path: '/srv/log', 'base-name': 'who', 'time-unit': 'month', count: 3 }
  const { notices, said } = load(library, { ...own, 'request-parser-format': '' })
  t.match(notices?.legalLog?.to, {
    folder: '/srv/log',
    baseName: 'who',
    timeUnit: 'month',
    count: 3,
  })
  t.same(said, [])
  const syslog = load(library, { type: 'syslog', facility: 'local3', pattern: 'x' })
  t.same(syslog.notices?.legalLog?.to, { kind: 'syslog', facility: 'local3' })
  t.same(syslog.said, [
    'info Dhcp4.hooks-libraries[0].parameters.pattern: without effect in Whio (a line is the text alone)',
  ])
  const mistakes: readonly [object, string][] = [
    [{ type: 'mysql' }, `${AT}.type: "mysql" is not a known word (one of "logfile", "syslog")`],
    [{ path: 'log' }, `${AT}.path: 'log' is not an absolute path (such as /var/log/kea)`],
    [{ 'base-name': 'a/b' }, `${AT}.base-name: 'a/b' is not a name (path names the folder)`],
    [{ 'timestamp-format': '%Q' }, `${AT}.timestamp-format: %Q is not a part of a time`],
    [
      { 'response-parser-format': 'hexstring(pkt4.mac)' },
      `${AT}.response-parser-format: column 19: `,
    ],
    [{ 'request-parser-format': "'a' == 'a'" }, `${AT}.request-parser-format: column `],
  ]
  for (const [parameters, expected] of mistakes) {
    const found = load(library, parameters)
    t.equal(found.said.length, 1)
    t.ok(found.said.join().startsWith(expected), found.said.join())
    t.equal(found.notices, undefined)
  }
})

t.test('formats of DHCPv6 ask messages of DHCPv6', async (t) => {
  const said = (format: string) => {
    const parameters = { 'request-parser-format': format }
    const { problems } = loadPlanFromObject(
      {
        Dhcp6: {
          'interfaces-config': { interfaces: ['eth0'] },
          'hooks-libraries': [{ library: 'libdhcp_legal_log.so', parameters }],
        },
      },
      { stateDirectory: '/nowhere' },
    )
    return problems.map((one) => formatProblem(one)).join()
  }
  t.equal(said("addrtotext(relay6[0].linkaddr) + hexstring(option[1].hex, ':')"), '')
  t.match(said('hexstring(pkt4.mac)'), /request-parser-format: column 11: /)
})
