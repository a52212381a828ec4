// A concentrator asks both servers of a pair about leases (RFC 4388), while their link is cut, too.

import t from 'tap'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { LEASE_QUERY4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { query } from '../leasequery/asking.ts'
import { bindAt, both, HOUR, poolOf, S1, stage, X, X2, Y } from './pair-stage.ts'

const REQUESTER = ipv4FromText('192.0.2.250')!
const KINDS = Object.entries(LEASE_QUERY4)
const LIBRARY = { library: 'libdhcp_lease_query.so', parameters: { requesters: ['192.0.2.250'] } }

/** What each server says of an address, in the order of the servers. */
function asked(lab: PairLab, address: Ipv4): string[] {
  const link = lab.link(1)
  const heard = new Map<Ipv4, string>()
  const station = {
    name: 'concentrator',
    hwAddress: '\x02\0\0\0\xcc\x01',
    holds: (one: unknown) => one === REQUESTER,
    receive: ({ bytes, source }: { bytes: Uint8Array; source: unknown }) => {
      const message = new Message4()
      if (decode4(message, bytes, 0, bytes.length, 'usual') !== undefined) return
      const kind = KINDS.find(([, type]) => type === message.type)?.[0]
      if (kind !== undefined && kind !== 'query') heard.set(source as Ipv4, kind)
    },
  }
  link.attach(station as never)
  lab.network.send(link, station as never, {
    ...{ source: REQUESTER, sourcePort: 67, destination: 0xffffffff, destinationPort: 67 },
    hwAddress: '',
    bytes: query({ giaddr: REQUESTER, ciaddr: address }),
  })
  lab.advance(1000)
  link.detach(station as never)
  return [...heard].sort(([one], [other]) => one - other).map(([, kind]) => kind)
}

t.test(
  'either server tells of every lease, and neither denies one that the other may have given',
  async (t) => {
    const dhcp4 = poolOf([X, X2, Y], HOUR, { 'hooks-libraries': [LIBRARY] })
    const lab = createPair(stage(dhcp4))
    t.ok(lab.reachNormal())
    const [a] = both(lab)
    t.ok(bindAt(lab, a, S1, X))
    lab.advance(1000)
    t.strictSame(asked(lab, X), ['active', 'active'])
    t.strictSame(asked(lab, X2), ['unassigned', 'unassigned'])
    t.strictSame(asked(lab, Y), ['unassigned', 'unassigned'])
    lab.cutLink()
    lab.advance(120_000)
    t.strictSame(asked(lab, X), ['active', 'active'], 'a lease that both know')
    t.strictSame(asked(lab, X2), ['unassigned', 'unknown'], 'server1 alone may give it')
    t.strictSame(asked(lab, Y), ['unknown', 'unassigned'], 'server2 alone may')
    lab.healLink()
    t.ok(lab.reachNormal(120_000))
    lab.advance(10_000)
    t.strictSame(asked(lab, Y), ['unassigned', 'unassigned'])
    t.same(lab.invariants.violations, [])
  },
)
