// What a client would get, and why: the real engine answers it over a copy of the leases, so that
// nothing is offered, given or sent.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { ipv6FromText } from '../../address/ipv6.ts'
import { bytesFromOctets, octetsFromHex } from '../../bytes/octets.ts'
import type { Plan4 } from '../../config/plan/plan4.ts'
import { isMap } from '../../config/text/map.ts'
import { clientFromText } from '../../explain/client-text.ts'
import { clientFromText6, isOfDhcp6 } from '../../explain/client-text6.ts'
import { ClientTextError } from '../../explain/client-words.ts'
import { type Explained, explain4 } from '../../explain/explain4.ts'
import { type Explained6, explain6 } from '../../explain/explain6.ts'
import { DatabaseUnasked } from '../../explain/unasked.ts'
import { iaidOf } from '../../leases/binding.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import { leaseTable4 } from '../../leases/table/lease-table4.ts'
import { leaseTable6 } from '../../leases/table/lease-table6.ts'
import { duidEn } from '../../wire/v6/duid.ts'
import type { ControlRoom } from '../command.ts'
import { INTERNAL } from '../refused.ts'
import { type ApiCall, ApiRefused, type Route, refusal, type Say } from './route.ts'

/** Leases that are copied; of a server with more the others are told of as not looked at. */
const COPIED_MAX = 100_000
/** Rows of a slice. */
const SLICE = 500

/** The DUID of a server plays no part in what a client gets. */
const SERVER_DUID = duidEn(2495, 'explain')
const SOME_CLIENT = ipv6FromText('fe80::2')!

export const EXPLAIN: readonly Route[] = [
  {
    method: 'POST',
    path: '/explain',
    as: 'lease4-get-all',
    summary: 'What a client would get, and why; nothing is changed',
    body: {
      type: 'object',
      properties: {
        client: {
          type: 'string',
          description: 'As for whio explain --client: `mac=52:54:00:12:34:56 relay=192.0.2.1`',
        },
        packet: { type: 'string', description: 'In its place: a message, in hexadecimal' },
        interface: { type: 'string', description: 'Where it comes from: `eth0`' },
        family: { type: 'integer', enum: [4, 6], description: 'Where the client does not say it' },
      },
    },
    run: explain,
  },
]

interface Wish {
  readonly client: string | undefined
  readonly packet: Uint8Array | undefined
  readonly interface: string
  readonly family: 4 | 6
}

function explain(call: ApiCall, say: Say): void {
  const wish = wishOf(call)
  const { server } = call.room
  call.demand(`lease${wish.family}-get-all`)
  const [four, six] = [leaseTable4(), leaseTable6()]
  const [from, copy] = wish.family === 4 ? [server.tables.v4, four] : [server.tables.v6, six]
  const tell = call.goingOn((note: string) => {
    const told = orRefused<Explained | Explained6>(() =>
      wish.family === 4 ? explained4(wish, four, call.room) : explained6(wish, six, call.room),
    )
    const assumes = note === '' ? told.assumes : [note, ...told.assumes]
    say({ status: 200, body: { family: wish.family, ...told, assumes } })
  })
  const walk = from.walk('leases')
  const slice = (): boolean => {
    const leases = walk.next(SLICE)
    for (const lease of leases) (copy as LeaseTable<Key>).apply({ kind: 'put', lease })
    const isFull = copy.size >= COPIED_MAX
    if (leases.length > 0 && !isFull) return false
    tell(isFull ? `of the leases only the first ${COPIED_MAX} were looked at` : '')
    return true
  }
  const isTaken = server.inSlices(slice, (why) =>
    say(why === 'stopped' ? refusal(503, 'the server stops') : refusal(500, INTERNAL)),
  )
  if (!isTaken) say(refusal(429, 'too many lists are being made already: ask again'))
}

/** Throws ApiRefused. */
function wishOf({ body, room }: ApiCall): Wish {
  const { client, packet, interface: name = '', family } = isMap(body) ? body : {}
  const { dhcp4, dhcp6 } = room.server.plan
  const isText = typeof client === 'string'
  const bytes = typeof packet === 'string' ? octetsFromHex(packet.replace(/\s+/g, '')) : undefined
  if (isText === (bytes !== undefined) || typeof name !== 'string')
    throw new ApiRefused(400, 'the body is a map with client, or with packet in hexadecimal')
  const said = family ?? (dhcp6 === undefined ? 4 : dhcp4 === undefined ? 6 : undefined)
  const found = said ?? (isText && isOfDhcp6(client) ? 6 : 4)
  if (found !== 4 && found !== 6) throw new ApiRefused(400, 'family is 4 or 6')
  if ((found === 4 ? dhcp4 : dhcp6) === undefined)
    throw new ApiRefused(404, `DHCPv${found} is not served`)
  return {
    client: isText ? client : undefined,
    packet: bytes === undefined ? undefined : bytesFromOctets(bytes),
    interface: name,
    family: found,
  }
}

/** Throws ApiRefused where what was written says nothing. */
function orRefused<Told>(work: () => Told): Told {
  try {
    return work()
  } catch (error) {
    if (error instanceof ClientTextError) throw new ApiRefused(400, `client: ${error.message}`)
    if (error instanceof DatabaseUnasked)
      throw new ApiRefused(503, 'the database of reservations is asked about each client: not here')
    throw error
  }
}

function explained4(
  wish: Wish,
  table: ReturnType<typeof leaseTable4>,
  { configuration, host, server }: ControlRoom,
): Explained {
  const { ha, dhcp4: plan } = server.plan
  const asked =
    wish.client === undefined
      ? { message: wish.packet!, interface: wish.interface, source: 0, assumes: [] }
      : clientFromText(wish.client, plan!.registry)
  const explained = explain4({
    ...{ ha, table, plan: plan!, now: server.now(), document: configuration.document.Dhcp4! },
    ...{ host: linksOf(host.interfaces(), plan!), destination: 0, ...asked },
    interface: wish.interface || asked.interface,
  })
  if (explained === undefined)
    throw new ApiRefused(400, `'${wish.interface}' is no interface: write eth0 or eth0/192.0.2.1`)
  return explained
}

function explained6(
  wish: Wish,
  table: ReturnType<typeof leaseTable6>,
  { server }: ControlRoom,
): Explained6 {
  const { ha, dhcp6: plan } = server.plan
  const asked =
    wish.client === undefined
      ? { message: wish.packet!, interface: wish.interface, source: SOME_CLIENT, assumes: [] }
      : clientFromText6(
          wish.client,
          plan!.registry,
          SERVER_DUID,
          (kind, duid) => table.byDuid(duid, [kind]).map(iaidOf)[0],
        )
  return explain6({
    ...{ ha, table, plan: plan!, now: server.now(), serverId: SERVER_DUID, ...asked },
    interface: wish.interface || asked.interface,
  })
}

/** Addresses by interface; how long their prefixes are the subnets tell. */
function linksOf(interfaces: ReturnType<ControlRoom['host']['interfaces']>, plan: Plan4) {
  return new Map(
    interfaces.map(({ name, addresses }) => [
      name,
      addresses.flatMap((text) => {
        const address = ipv4FromText(text)
        if (address === undefined || textFromIpv4(address) !== text) return []
        return [{ address, length: plan.subnetByAddress(address)?.prefix.length ?? 32 }]
      }),
    ]),
  )
}
