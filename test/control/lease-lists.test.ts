// Lists of leases that are long: no client waits for them.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Answer } from '../../lib/control/command.ts'
import { LISTED, SCANNED } from '../../lib/control/commands/lease/lists.ts'
import { pieces } from '../../lib/control/print.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { SLICED_MAX } from '../../lib/server/slices.ts'
import { LeaseStage } from './lease-stage.ts'
import { ADMIN } from './room.ts'

const FIRST = ipv4FromText('10.0.0.0')!
const COUNT = 20 * SCANNED + 77

function crowded(): LeaseStage {
  const stage = new LeaseStage()
  const { tables } = stage.stage.room.server
  for (let index = 0; index < COUNT; index++) {
    const hwAddress = `\x02\0\0${String.fromCharCode(index >> 16, (index >> 8) & 255, index & 255)}`
    const lease = {
      ...{ ...freeRow(FIRST + index), htype: 1, hwAddress, subnetId: 7 },
      ...{ state: LEASE_STATE.assigned, validLifetime: 3600, end: 3_600_000 },
    }
    tables.v4.apply({ kind: 'put', lease })
  }
  return stage
}

t.test('all leases are written some at a time, each as it is by then', async (t) => {
  const stage = crowded()
  let answer: Answer | undefined
  const { dispatcher } = stage.stage
  dispatcher.ask('{"command":"lease4-get-all"}', 'dhcp4', ADMIN, (given) => (answer = given))
  t.equal(answer?.text, `${COUNT} IPv4 lease(s) found.`)
  let longest = 0
  let text = ''
  let isDeleted = false
  for (const piece of pieces(answer)) {
    longest = Math.max(longest, piece.match(/"ip-address"/g)?.length ?? 0)
    text += piece
    if (isDeleted) continue
    isDeleted = true
    stage.ask('lease4-del', { 'ip-address': '10.0.200.1' })
  }
  t.ok(longest <= 2 * LISTED, `${longest} leases in a piece`)
  const { leases } = JSON.parse(text).arguments
  t.equal(leases.length, COUNT - 1)
  t.notOk(text.includes('"10.0.200.1"'))
  t.equal(leases.at(-1)['ip-address'], '10.1.64.76')
})

t.test('what takes a look at every lease takes turns, with others and with clients', async (t) => {
  const stage = crowded()
  const { server } = stage.stage.room
  const answers: Answer[] = []
  const ask = (hw: string) => {
    const text = `{"command":"lease4-get-by-hw-address","arguments":{"hw-address":"${hw}"}}`
    stage.stage.dispatcher.ask(text, 'dhcp4', ADMIN, (answer) => answers.push(answer))
  }
  let slices = 0
  server.inSlices(
    () => {
      slices++
      return answers.length === 2
    },
    () => t.fail('the server stops'),
  )
  ask('02:00:00:01:40:00')
  ask('02:00:00:00:00:01')
  t.equal(answers.length, 0)
  stage.lab.world.advanceUntil(() => answers.length === 2, 10_000)
  t.ok(slices >= 5, `${slices} turns of others meanwhile`)
  const found = answers.map((answer) => [...pieces(answer)].join(''))
  t.match(found[0], /"ip-address": "10\.1\.64\.0"/)
  t.match(found[1], /"ip-address": "10\.0\.0\.1"/)
})

t.test('of long lists no more than so many are made at once', async (t) => {
  const stage = crowded()
  const answers: Answer[] = []
  const text = '{"command":"lease4-get-by-state","arguments":{"state":"declined"}}'
  for (let index = 0; index < SLICED_MAX + 1; index++)
    stage.stage.dispatcher.ask(text, 'dhcp4', ADMIN, (answer) => answers.push(answer))
  t.match(answers, [{ result: 1, text: /too many/ }])
  stage.lab.world.advanceUntil(() => answers.length > SLICED_MAX, 10_000)
  t.equal(answers.filter(({ result }) => result === 3).length, SLICED_MAX)
})
