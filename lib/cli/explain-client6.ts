// `whio explain FILE --client '...'` of a client of DHCPv6: see explain-client.ts.

import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import { readUint32 } from '../bytes/cursor.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { clientFromText6, isOfDhcp6 } from '../explain/client-text6.ts'
import { explain6 } from '../explain/explain6.ts'
import { explainedLines6 } from '../explain/report-lines6.ts'
import { leaseTable6 } from '../leases/table/lease-table6.ts'
import { COOKIE_AT, MAGIC_COOKIE } from '../wire/v4/layout.ts'
import { duidEn } from '../wire/v6/duid.ts'
import { packetBytes, Refused, shown, type Wish } from './explain-wish.ts'
import { paint } from './paint.ts'

/** Whether the wish says that it is about DHCPv6, where a configuration has both. */
export function isAboutDhcp6(wish: Wish): boolean {
  if (wish.form === 'client') return isOfDhcp6(wish.text)
  return wish.form === 'packet' && !isBootp(packetBytes(wish))
}

function isBootp(bytes: Uint8Array): boolean {
  return bytes.length >= COOKIE_AT + 4 && readUint32(bytes, COOKIE_AT) === MAGIC_COOKIE
}

/** The DUID of a server is made when it starts: here it has this one. */
const SERVER_DUID = duidEn(2495, 'explain')
const SOME_CLIENT = ipv6FromText('fe80::2')!

/** The report, as lines or in JSON. */
export function explainedText6(wish: Wish, plan: Plan6, ha: HaPlan | undefined): string {
  if (wish.leases) throw new Refused('--leases looks at leases of DHCPv4 only')
  const leases = 'none: every address and prefix is free'
  const asked = messageOf(wish, plan)
  const table = leaseTable6()
  const explained = explain6({ plan, ha, table, now: 0, serverId: SERVER_DUID, ...asked })
  return wish.json
    ? JSON.stringify({ ...explained, leases }, undefined, 2)
    : explainedLines6(shown(explained), leases, paint()).join('\n')
}

interface Asked6 {
  readonly message: Uint8Array
  readonly interface: string
  readonly source: Ipv6
  readonly assumes: readonly string[]
}

function messageOf(wish: Wish, { registry }: Plan6): Asked6 {
  if (wish.form === 'client') {
    const client = clientFromText6(wish.text, registry, SERVER_DUID)
    return { ...client, interface: wish.interface || client.interface }
  }
  if (wish.form === 'pcap') throw new Refused('--pcap takes messages of DHCPv4 only: use --packet')
  const message = packetBytes(wish)
  return { message, interface: wish.interface, source: SOME_CLIENT, assumes: [] }
}
