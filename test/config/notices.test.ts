// Libraries that watch leases: their parameters, and what is told of mistakes.

import t from 'tap'
import { loadPlan4FromObject } from '../../lib/config/load4.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

function load(library: string, parameters: object | undefined) {
  const given = parameters === undefined ? {} : { parameters }
  const { plan, problems } = loadPlan4FromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'hooks-libraries': [{ library, ...given }],
      },
    },
    { stateDirectory: '/nowhere' },
  )
  const said = problems.map((one) => `${one.severity} ${formatProblem(one)}`)
  return { notices: plan?.dhcp4.notices, said }
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
