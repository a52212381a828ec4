// In which subnets of a shared network a client is reserved, found by one look-up.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Known4, ReservationIdentifier } from '../../lib/config/plan/known4.ts'
import { LayeredMap } from '../../lib/config/plan/layered-map.ts'
import { NetworkHosts } from '../../lib/dhcp4/network-hosts.ts'
import { TestServer } from './test-server.ts'

type Named = Partial<Record<ReservationIdentifier, string>>

function networkWith(lists: readonly (readonly Named[])[], more: object = {}): Dhcp4Document {
  const subnets = lists.map((reservations, index) => ({
    id: index + 1,
    subnet: `192.0.${index + 2}.0/24`,
    pools: [{ pool: `192.0.${index + 2}.10 - 192.0.${index + 2}.19` }],
    reservations,
  }))
  return {
    'host-reservation-identifiers': ['hw-address', 'client-id', 'circuit-id'],
    'shared-networks': [{ name: 'floor', subnet4: subnets, ...more }],
  } as Dhcp4Document
}

const HW = '02:00:5e:10:00:0'
const hw = (last: number) => `\x02\0\x5e\x10\0${String.fromCharCode(last)}`

function known(by: Named): Known4 {
  return { knownBy: (kind) => by[kind] ?? '' }
}

t.test('what it says is what each subnet says', async (t) => {
  const { plan } = new TestServer(
    networkWith([
      [{ 'hw-address': `${HW}1` }, { 'client-id': "'laptop'" }],
      [{ 'hw-address': `${HW}2` }],
      [],
      [{ 'hw-address': `${HW}1` }, { 'circuit-id': "'port 7'" }, { 'hw-address': `${HW}3` }],
    ]),
  )
  const network = plan.subnets[0]!.network!
  const hosts = NetworkHosts.of(network)!
  const rows: [Named, number[]][] = [
    [{}, []],
    [{ 'hw-address': hw(9) }, []],
    [{ 'hw-address': hw(1) }, [1, 4]],
    [{ 'hw-address': hw(2), 'client-id': 'laptop' }, [1, 2]],
    [{ 'hw-address': hw(3), 'circuit-id': 'port 7' }, [4]],
    [{ 'client-id': hw(1) }, []],
  ]
  for (const [by, ids] of rows) {
    const title = Object.keys(by).join()
    const found = new Set(hosts.subnetsOf(known(by)).map(({ id }) => id))
    t.same([...found].sort(), ids, title)
    const each = plan.subnets.filter((subnet) => plan.reservations.of(known(by), subnet))
    t.same(
      each.map(({ id }) => id),
      ids,
      `${title}, subnet by subnet`,
    )
  }
})

t.test(
  'where subnets look into the global list, or many are reserved, they are asked',
  async (t) => {
    const global = new TestServer(networkWith([[], []], { 'reservations-global': true }))
    t.equal(NetworkHosts.of(global.plan.subnets[0]!.network!), undefined)
    const number = (at: number) => at.toString(16).padStart(4, '0').replace(/../, '$&:')
    const many = Array.from({ length: 10_001 }, (_, at) => ({
      'hw-address': `02:00:00:00:${number(at)}`,
    }))
    t.equal(
      NetworkHosts.of(new TestServer(networkWith([many])).plan.subnets[0]!.network!),
      undefined,
    )
    const fewer = new TestServer(networkWith([many.slice(1)]))
    t.ok(NetworkHosts.of(fewer.plan.subnets[0]!.network!))
  },
)

t.test('the keys of a map that was edited', async (t) => {
  const value = {}
  const map = new LayeredMap(new Map(['a', 'b', 'c'].map((key) => [key, value])))
  const edited = map.with([
    ['b', undefined],
    ['d', value],
    ['a', value],
  ])
  t.same([...map.keys()], ['a', 'b', 'c'])
  t.same([...edited.keys()].sort(), ['a', 'c', 'd'])
})
