// `whio explain FILE --client '...'`, --packet or --pcap: what a client is answered by a
// configuration, and why. The real engine answers it, over an empty lease table or a look into the
// database; nothing is sent and nothing is written.

import type { ConfigDocument } from '../config/keys/document.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { clientFromText } from '../explain/client-text.ts'
import { ClientTextError } from '../explain/client-words.ts'
import { explain4 } from '../explain/explain4.ts'
import type { HostsKnown } from '../explain/hosts-known.ts'
import { explainedLines } from '../explain/report-lines.ts'
import { leaseTable4 } from '../leases/table/lease-table4.ts'
import { Interfaces } from '../platform/interfaces.ts'
import { captured4 } from '../wire/pcap.ts'
import { explainedText6, isAboutDhcp6 } from './explain-client6.ts'
import { withHostsOf } from './explain-hosts.ts'
import { looked, type SharedLeases, sharedLeases } from './explain-leases.ts'
import { chosenOf, packetBytes, Refused, readCapture, shown, type Wish } from './explain-wish.ts'
import { errorsIn, readOrTell } from './load.ts'
import { paint } from './paint.ts'
import { nameOf, UsageError } from './usage.ts'

/** Exit code 0: it was explained, whatever the client gets; 1: it could not be. */
export async function explainClient(wish: Wish): Promise<number> {
  try {
    return await tell(wish)
  } catch (error) {
    if (error instanceof ClientTextError) throw new UsageError(`--client: ${error.message}`)
    if (!(error instanceof Refused)) throw error
    process.stderr.write(`whio explain: ${error.message}\n`)
    return 1
  }
}

async function tell(wish: Wish): Promise<number> {
  const loaded = readOrTell(wish.config)
  if (loaded === undefined) return 1
  const { plan: written, document } = loaded
  const file = nameOf(wish.config)
  if (written === undefined || document === undefined)
    throw new Refused(`${file} cannot be served: ${errorsIn(loaded)} (\`whio check ${file}\`)`)
  const { dhcp4, dhcp6 } = written
  const isSix = dhcp6 !== undefined && (dhcp4 === undefined || isAboutDhcp6(wish))
  const family = isSix ? 6 : 4
  const { plan, hosts } = await withHostsOf(wish, written, family)
  const shared = await sharedLeases(wish, plan.database)
  const text =
    family === 6
      ? explainedText6(wish, plan.dhcp6!, plan, shared, hosts)
      : textOf(wish, plan, document, shared, hosts)
  process.stdout.write(`${text}\n`)
  return 0
}

/** The report about a client of DHCPv4. */
function textOf(
  wish: Wish,
  plan: Plan,
  document: ConfigDocument,
  shared: SharedLeases | undefined,
  hosts: readonly HostsKnown[],
): string {
  const { dhcp4 } = plan
  const { Dhcp4 } = document
  if (dhcp4 === undefined || Dhcp4 === undefined)
    throw new Refused(`${nameOf(wish.config)} has no map Dhcp4`)
  const asked = messageOf(wish, dhcp4)
  const table = leaseTable4()
  const leases = looked(wish, plan.database, table, 4, shared)
  const explained = explain4({
    plan: dhcp4,
    ha: plan.ha,
    document: Dhcp4,
    table,
    now: leases.now,
    host: linksOfHost(),
    ...asked,
  })
  if (explained === undefined)
    throw new UsageError(`'${asked.interface}' is no interface; write eth0 or eth0/192.0.2.1`)
  return wish.json
    ? JSON.stringify({ ...explained, leases: leases.words, hosts }, undefined, 2)
    : explainedLines(shown(explained), { leases: leases.words, hosts }, paint()).join('\n')
}

interface Asked {
  readonly message: Uint8Array
  readonly interface: string
  readonly source: number
  readonly destination: number
  readonly assumes: readonly string[]
}

const NOTHING_KNOWN = { source: 0, destination: 0, assumes: [] }

function messageOf(wish: Wish, { registry }: Plan4): Asked {
  if (wish.form === 'client') {
    const client = clientFromText(wish.text, registry)
    return {
      ...client,
      interface: wish.interface || client.interface,
      destination: 0,
    }
  }
  if (wish.form === 'packet') {
    return { message: packetBytes(wish), interface: wish.interface, ...NOTHING_KNOWN }
  }
  return fromCapture(wish)
}

const BOOTREQUEST = 1

function fromCapture(wish: Wish): Asked {
  const all = captured4(readCapture(wish))?.filter(({ payload }) => payload[0] === BOOTREQUEST)
  const { found, words } = chosenOf(wish, all)
  const { payload, source, destination } = found
  return { message: payload, interface: wish.interface, source, destination, assumes: [words] }
}

function linksOfHost() {
  const devices = new Interfaces(undefined).list()
  if (typeof devices === 'string') return new Map()
  return new Map([...devices].map(([name, { addresses }]) => [name, addresses]))
}
