// Whio's own commands: status, why, and the words of an operator.

import t from 'tap'
import { printed } from '../../lib/control/print.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
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
  t.strictSame(about(7), { result: 1, text: "missing parameter 'about'" })
  t.strictSame(one.ask({ command: 'whio-hooks-get' }), { result: 3, arguments: { hooks: [] } })
  t.strictSame(one.ask({ command: 'whio-names-retry' }), {
    result: 0,
    text: 'what waits is tried at once',
  })
})

const PAIR_WORDS = [
  ...['whio-partner-off', 'whio-serve-alone', 'whio-end-doubt', 'whio-forget-lifetime'],
]

/** A word to a server, and its answer when it is carried out or refused. */
function said(one: Stage, pair: PairLab, command: string): unknown {
  const told = one.asked({ command })
  pair.advance(5000)
  return told()
}

const refusal = (text: string) => ({ result: 4, text })

t.test('words for a pair are there in a pair only', async (t) => {
  const lab = createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 600), clients: [] })
  for (const command of PAIR_WORDS)
    t.strictSame(new Stage(lab).ask({ command }), {
      result: 2,
      text: `'${command}' command not supported.`,
    })
})

t.test('words for a pair that is well are refused, with the reason', async (t) => {
  const pair = createPair({ clients: 0 })
  t.ok(pair.reachNormal())
  const one = new Stage(pair)
  for (const [command, why] of [
    ['whio-partner-off', 'the partner is connected'],
    ['whio-serve-alone', 'the partner is connected'],
    ['whio-end-doubt', 'no address is kept out of use'],
    ['whio-forget-lifetime', 'nothing longer is remembered than leases and subnets show, 600 s'],
  ] as const)
    t.strictSame(said(one, pair, command), refusal(why), command)
})

t.test('words for a server whose partner is off are carried out, once', async (t) => {
  const pair = createPair({ clients: 0 })
  t.ok(pair.reachNormal())
  const one = new Stage(pair)
  pair.crash(1)
  pair.advance(60_000)
  t.strictSame(
    said(one, pair, 'whio-serve-alone'),
    refusal('this server has had a partner: the word for that is partner-off'),
  )
  t.strictSame(said(one, pair, 'whio-partner-off'), { result: 0 })
  t.equal(pair.server(0).server!.status().ha!.rights, 'sole')
  t.match(one.lines.at(-1), { id: 'CONTROL_COMMAND', fields: { command: 'whio-partner-off' } })
  t.strictSame(said(one, pair, 'whio-partner-off'), refusal('this server has every right already'))
})

t.test('words for a server that has never met its partner', async (t) => {
  const pair = createPair({ clients: 0 })
  pair.cutLink()
  pair.advance(30_000)
  const two = new Stage(pair, undefined, 1)
  t.strictSame(
    said(two, pair, 'whio-partner-off'),
    refusal('this server has never met its partner: the word for that is serve-alone'),
  )
  t.strictSame(said(two, pair, 'whio-serve-alone'), {
    result: 0,
    text: 'server1 must not serve before the two have met',
  })
})

t.test('whio-reconfigure says whom it means, and why not', async (t) => {
  const subnet6 = [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }]
  const one = new Stage(createLab({ plan: planOf6({ subnet6 }), clients6: [] }))
  const order = (given: unknown) =>
    one.ask({ command: 'whio-reconfigure', arguments: given }, 'dhcp6')
  const wrong = (text: string) => ({ result: 1, text })
  const off = 'Whio.reconfigure-accept is off: no client has a key'
  t.strictSame(order(undefined), wrong(off))
  t.strictSame(order([]), wrong('arguments must be a map'))
  t.strictSame(order({ asks: 'sleep' }), wrong("'asks' names no message that clients send"))
  t.strictSame(order({ duid: 'zz' }), wrong("'duid' is no identifier"))
  t.strictSame(order({ 'subnet-id': '1' }), wrong("'subnet-id' is no integer"))
  t.strictSame(one.ask({ command: 'whio-reconfigure' }, 'dhcp4'), {
    result: 2,
    text: "'whio-reconfigure' command not supported.",
  })
  const plan = planOf6({ subnet6 }, { Whio: { 'reconfigure-accept': true } })
  const ready = new Stage(createLab({ plan, clients6: [] }))
  const told = (given: object) =>
    ready.ask({ command: 'whio-reconfigure', arguments: given }, 'dhcp6')
  t.strictSame(told({}), { result: 0, text: 'the clients are told to ask again' })
  t.strictSame(told({ 'subnet-id': 9 }), wrong('there is no subnet 9 of DHCPv6'))
})
