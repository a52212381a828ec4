// `whio explain FILE --client '...'` of a client of DHCPv6: see explain-client.ts.

import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import { readUint32 } from '../bytes/cursor.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { clientFromText6, type IaidOf, isOfDhcp6 } from '../explain/client-text6.ts'
import { explain6 } from '../explain/explain6.ts'
import type { HostsKnown } from '../explain/hosts-known.ts'
import { explainedLines6 } from '../explain/report-lines6.ts'
import { iaidOf } from '../leases/binding.ts'
import { leaseTable6 } from '../leases/table/lease-table6.ts'
import { type Captured6, captured4, captured6 } from '../wire/pcap.ts'
import { COOKIE_AT, MAGIC_COOKIE } from '../wire/v4/layout.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import { duidEn } from '../wire/v6/duid.ts'
import { looked, type SharedLeases } from './explain-leases.ts'
import { chosenOf, packetBytes, readCapture, shown, type Wish } from './explain-wish.ts'
import { paint } from './paint.ts'

/** Whether the wish says that it is about DHCPv6, where a configuration has both. */
export function isAboutDhcp6(wish: Wish): boolean {
  if (wish.form === 'client') return isOfDhcp6(wish.text)
  if (wish.form === 'packet') return !isBootp(packetBytes(wish))
  const capture = readCapture(wish)
  return captured4(capture)?.length === 0 && ofClients(capture)?.length !== 0
}

function isBootp(bytes: Uint8Array): boolean {
  return bytes.length >= COOKIE_AT + 4 && readUint32(bytes, COOKIE_AT) === MAGIC_COOKIE
}

/** The DUID of a server is made when it starts: here it has this one. */
const SERVER_DUID = duidEn(2495, 'explain')
const SOME_CLIENT = ipv6FromText('fe80::2')!

/** The report, as lines or in JSON. */
export function explainedText6(
  wish: Wish,
  plan: Plan6,
  { database, ha }: Plan,
  shared: SharedLeases | undefined,
  hosts: readonly HostsKnown[],
): string {
  const table = leaseTable6()
  const { now, words: leases } = looked(wish, database, table, 6, shared)
  const asked = messageOf(wish, plan, (kind, duid) => table.byDuid(duid, [kind]).map(iaidOf)[0])
  const explained = explain6({ plan, ha, table, now, serverId: SERVER_DUID, ...asked })
  return wish.json
    ? JSON.stringify({ ...explained, leases, hosts }, undefined, 2)
    : explainedLines6(shown(explained), { leases, hosts }, paint()).join('\n')
}

interface Asked6 {
  readonly message: Uint8Array
  readonly interface: string
  readonly source: Ipv6
  readonly assumes: readonly string[]
}

function messageOf(wish: Wish, { registry }: Plan6, leased: IaidOf): Asked6 {
  if (wish.form === 'client') {
    const client = clientFromText6(wish.text, registry, SERVER_DUID, leased)
    return { ...client, interface: wish.interface || client.interface }
  }
  if (wish.form === 'pcap') return fromCapture(wish)
  const message = packetBytes(wish)
  return { message, interface: wish.interface, source: SOME_CLIENT, assumes: [] }
}

function fromCapture(wish: Wish): Asked6 {
  const { found, words } = chosenOf(wish, ofClients(readCapture(wish)))
  const { payload: message, source } = found
  return { message, interface: wish.interface, source, assumes: [words] }
}

/** What servers send, and nobody else. */
const OF_SERVERS: readonly number[] = [
  MESSAGE_TYPE6.advertise,
  MESSAGE_TYPE6.reply,
  MESSAGE_TYPE6.reconfigure,
  MESSAGE_TYPE6.relayReply,
]

function ofClients(capture: Uint8Array): Captured6[] | undefined {
  return captured6(capture)?.filter(({ payload }) => !OF_SERVERS.includes(payload[0] ?? 0))
}
