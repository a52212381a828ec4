// What choosing costs in a campus once all is warm: classes, subnet, places, ranges and options of
// clients whose messages are read already.

import type { Plan4 } from '../../lib/config/plan/plan4.ts'
import { assignLate } from '../../lib/dhcp/client-classes.ts'
import type { Arrival4 } from '../../lib/dhcp4/arrival.ts'
import { classify } from '../../lib/dhcp4/classes4.ts'
import { Exchange4 } from '../../lib/dhcp4/exchange4.ts'
import { namedIdentity } from '../../lib/dhcp4/identify.ts'
import { locateSubnet } from '../../lib/dhcp4/locate-subnet.ts'
import { placesOf } from '../../lib/dhcp4/places.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { bytesPerStep } from './allocations.ts'
import { campusClient, SUBNETS } from './campus-file.ts'

/** Of the first subnets, of every kind, with and without a reservation. */
const CLIENTS = 240
const FIRST_SUBNETS = 30

export interface ChoiceCost {
  /** Bytes allocated for a client. */
  readonly bytes: number
  /** Classes that a client is in, on average. */
  readonly classes: number
}

export function choiceCost(plan: Plan4, arrival: Arrival4): ChoiceCost {
  const options = new ReplyOptions4(plan.classes.given.map((given) => given?.options))
  const settings = { serverPort: 67, draw: () => 0, nextChange: () => 0 }
  const exchange = new Exchange4(plan, leaseTable4(1), settings, options, new Set())
  const out = new Uint8Array(2048)
  const all = Array.from({ length: CLIENTS }, (_, client) => {
    const number = Math.floor(client / FIRST_SUBNETS) * 3
    const query = queryOf(number * SUBNETS + (client % FIRST_SUBNETS))
    const who = namedIdentity(query)
    return { query, client: who, owner: 0, arrival, now: 0, heard: undefined }
  })
  let classes = 0
  let ranges = 0
  const step = (round: number) => {
    const asked = all[round % CLIENTS]!
    exchange.begin(asked, out, 0)
    if (exchange.program !== undefined) classify(exchange)
    const subnet = locateSubnet(exchange)!
    const { reservation } = placesOf(exchange, subnet)[0]!
    ranges = subnet.rangesFor(exchange.classes).length
    assignLate(exchange, subnet, reservation, subnet.poolOf(reservation?.address ?? 0))
    options.select(subnet.options, exchange.classes, reservation, asked.query)
    classes = exchange.classes.count
  }
  let sum = 0
  for (let round = 0; round < CLIENTS; round++) {
    step(round)
    if (ranges === 0) throw new Error('a client may have no address')
    sum += classes
  }
  return { bytes: bytesPerStep(step), classes: sum / CLIENTS }
}

function queryOf(client: number): Message4 {
  const { options, ...fields } = campusClient(client)
  const bytes = encodeMessage4({ ...fields, hops: 1, xid: client }, [[53, '\x01'], ...options])
  const query = new Message4()
  const reason = decode4(query, bytes, 0, bytes.length, 'usual')
  if (reason !== undefined) throw new Error(reason)
  return query
}
