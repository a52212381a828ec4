// Whio's own commands: status, why, and the words of an operator.

import t from 'tap'
import { printed } from '../../lib/control/print.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { onePool, planOf6 } from '../sim/plans.ts'
import { Stage } from './room.ts'

t.test('the status is told whole, and what is known of a client', async (t) => {
  const lab = createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 600), clients: [{}] })
  t.ok(lab.settle())
  const one = new Stage(lab)
  const { arguments: status } = one.ask({ command: 'whio-status-get' })
  t.match(JSON.parse(printed(status)), { state: 'serving', leases: 1 })
  const about = (about: unknown) => one.ask({ command: 'whio-why-get', arguments: { about } })
  const address = lab.client(0).address
  t.equal(about(address).result, 0)
  t.equal(about('192.0.2.99').result, 3)
  t.match(about(7), { result: 1, text: "missing parameter 'about'" })
})

t.test('words for a pair are there in a pair only, and are carried out', async (t) => {
  const names = ['whio-partner-off', 'whio-serve-alone', 'whio-end-doubt', 'whio-forget-lifetime']
  const lab = createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 600), clients: [] })
  for (const command of names) t.equal(new Stage(lab).ask({ command }).result, 2, command)
  const pair = createPair({ clients: 0 })
  t.ok(pair.reachNormal())
  const one = new Stage(pair)
  for (const command of names.slice(0, 2))
    t.match(one.ask({ command }), { result: 4, text: 'the partner is connected' })
  t.match(one.ask({ command: 'whio-end-doubt' }), { result: 4, text: /no address is kept/ })
  pair.crash(1)
  pair.advance(60_000)
  const told = one.asked({ command: 'whio-partner-off' })
  pair.advance(5000)
  t.strictSame(told(), { result: 0 })
  t.equal(pair.server(0).server!.status().ha!.rights, 'sole')
  t.match(one.lines.at(-1), { id: 'CONTROL_COMMAND', fields: { command: 'whio-partner-off' } })
})

t.test('whio-reconfigure says whom it means, and why not', async (t) => {
  const subnet6 = [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }]
  const one = new Stage(createLab({ plan: planOf6({ subnet6 }), clients6: [] }))
  const order = (given: unknown) =>
    one.ask({ command: 'whio-reconfigure', arguments: given }, 'dhcp6')
  t.match(order(undefined), { result: 1, text: /reconfigure-accept is off/ })
  t.match(order({ asks: 'sleep' }), { result: 1, text: /names no message/ })
  t.match(order({ duid: 'zz' }), { result: 1, text: /no identifier/ })
  t.match(order({ 'subnet-id': '1' }), { result: 1, text: /no integer/ })
  t.equal(one.ask({ command: 'whio-reconfigure' }, 'dhcp4').result, 2)
})
