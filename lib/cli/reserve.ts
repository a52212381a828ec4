// `whio reserve`: a lease of the running server becomes a reservation of its subnet, which is in
// force at once, stored, at the partner, and then in the operator's own file. `whio unreserve`
// takes one away again.

import { parseArgs } from 'node:util'
import { ipv4FromText } from '../address/ipv4.ts'
import { prefix6FromText } from '../address/prefix6.ts'
import type { Plan } from '../config/plan/plan.ts'
import { daemonContext, loadAnyConfigFiles } from '../platform/config-file.ts'
import { localAddresses } from '../platform/local-addresses.ts'
import { wordsOf } from '../platform/system-error.ts'
import { previewLines } from './reserve-preview.ts'
import { type Address, addressFrom, hardwareFrom, type Wish, wishOf } from './reserve-wish.ts'
import { addressesOf, identityOf, type Members } from './reserved-host.ts'
import { type Family, ServerCommands } from './server-commands.ts'
import { CONFIG_OPTIONS, UsageError } from './usage.ts'

/** Exit code 0: it is reserved, and in the file where that was wanted; 1: it is not. */
export async function reserve(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      address: { type: 'string' },
      hostname: { type: 'string' },
      by: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'no-write': { type: 'boolean', default: false },
    },
  })
  const about = oneOf(positionals)
  const server = new ServerCommands(values)
  return telling('reserve', async () => {
    const wish = await wishOf({ about, address: values.address, by: values.by }, server)
    await refuseServers(wish, server)
    const present = await presentOf(wish, server)
    const host = hostOf(wish, present, values.hostname)
    const { family, text, subnetId, identity, id } = wish
    const whose = `${identity} ${id} in subnet ${subnetId}`
    if (values['dry-run']) {
      const lines = await previewLines(server, family, subnetId, host, present)
      return say(`${text} would be reserved for ${whose}`, ...lines)
    }
    const reservation = { ...host, 'subnet-id': subnetId }
    if (present === undefined) await server.done(family, 'reservation-add', { reservation })
    else if (host !== present) await server.done(family, 'reservation-update', { reservation })
    say(`${text} is reserved for ${whose}${host === present ? ' already' : ''}`)
    await write(server, family, values['no-write'])
  })
}

/** Exit code 0: it is gone, from the file too where that was wanted; 1: it is not. */
export async function unreserve(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      subnet: { type: 'string' },
      'no-write': { type: 'boolean', default: false },
    },
  })
  const about = oneOf(positionals)
  const server = new ServerCommands(values)
  return telling('unreserve', async () => {
    const all = await reservationsAbout(about, server)
    const found = all.filter(
      ({ host }) => values.subnet === undefined || String(host['subnet-id']) === values.subnet,
    )
    const [only, other] = found
    if (only === undefined) throw new Error(`there is no reservation of ${about}`)
    if (other !== undefined)
      throw new Error(
        `several reservations are of ${about}, name one by its address, or by --subnet: ` +
          found.map(({ host }) => wordsOfHost(host)).join('; '),
      )
    const { host, family } = only
    await server.done(family, 'reservation-del', selectorOf(host))
    say(`not reserved any more: ${wordsOfHost(host)}`)
    await write(server, family, values['no-write'])
  })
}

function oneOf(positionals: readonly string[]): string {
  const [about] = positionals
  if (about === undefined || positionals.length > 1)
    throw new UsageError('name one address or hardware address')
  return about
}

async function telling(name: string, work: () => Promise<void>): Promise<number> {
  try {
    await work()
    return 0
  } catch (error) {
    if (error instanceof UsageError) throw error
    process.stderr.write(`whio ${name}: ${wordsOf(error)}\n`)
    return 1
  }
}

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

/** Rejects where the file stays as it was: what was done stands all the same. */
async function write(server: ServerCommands, family: Family, isLeft: boolean): Promise<void> {
  if (isLeft) return say('the file is left as it was; `whio ctl config-write` writes it')
  const { result, text, arguments: told } = await server.ask(family, 'config-write')
  if (result !== 0) throw new Error(`it is in force and stored, but not in the file: ${text}`)
  say(`written to ${told.filename}`)
}

// ---- what is reserved already

/** Such an address a client must never get; the server itself does not hand it out. */
async function refuseServers(wish: Wish, server: ServerCommands): Promise<void> {
  if (localAddresses().some((local) => addressFrom(local)?.text === wish.text))
    throw new Error(`${wish.text} is an address of this server's host`)
  const { plan } = loadAnyConfigFiles(
    await server.files(),
    daemonContext({ thisServer: undefined }),
  )
  const whose = plan && serverAt(wish, plan)
  if (whose !== undefined) throw new Error(`${wish.text} is the address of a server: ${whose}`)
}

function serverAt({ family, text }: Address, { dhcp4, dhcp6 }: Plan): string | undefined {
  return family === 4
    ? dhcp4?.hosts.own.get(ipv4FromText(text)!)
    : dhcp6?.hosts.own.get(prefix6FromText(text)!)
}

/** The client's reservation in the subnet. Rejects where another one's is in the way. */
async function presentOf(wish: Wish, server: ServerCommands): Promise<Members | undefined> {
  const { family, text, subnetId, identity, id } = wish
  const where = { 'subnet-id': subnetId }
  const own = await server.ask(family, 'reservation-get', {
    ...where,
    'identifier-type': identity,
    identifier: id,
  })
  const present = own.result === 0 ? own.arguments : undefined
  const taken = await server.ask(family, 'reservation-get-by-address', {
    ...where,
    'ip-address': text,
  })
  const hosts = (taken.arguments.hosts ?? []) as readonly Members[]
  const other = hosts.find((host) => host[identity] !== present?.[identity])
  if (other !== undefined) throw new Error(`it is reserved already: ${wordsOfHost(other)}`)
  const address = present?.['ip-address']
  if (typeof address === 'string' && address !== text)
    throw new Error(
      `the client has another reservation: ${wordsOfHost(present!)}; \`whio unreserve\` takes it away`,
    )
  return present
}

/** The reservation as it is to be; `present` itself where nothing of it is another. */
function hostOf(
  { family, text, identity, id }: Wish,
  present: Members | undefined,
  hostname: string | undefined,
): Members {
  const { 'subnet-id': _, ...before } = present ?? { [identity]: id }
  const key = text.includes('/') ? 'prefixes' : 'ip-addresses'
  const list = (before[key] ?? []) as readonly string[]
  const addresses = family === 4 ? { 'ip-address': text } : { [key]: [...list, text] }
  const has = family === 4 ? before['ip-address'] === text : list.includes(text)
  const isNamed = hostname === undefined || before.hostname === hostname
  if (present !== undefined && has && isNamed) return present
  return { ...before, ...(has ? {} : addresses), ...(isNamed ? {} : { hostname }) }
}

interface Reserved {
  readonly host: Members
  readonly family: Family
}

async function reservationsAbout(about: string, server: ServerCommands): Promise<Reserved[]> {
  const at = addressFrom(about)
  const hardware = hardwareFrom(about)
  const asked =
    at !== undefined
      ? [[at.family, 'reservation-get-by-address', { 'ip-address': at.text }] as const]
      : ([4, 6] as const).flatMap((family) =>
          (hardware === undefined
            ? (['duid', 'client-id'] as const)
            : (['hw-address'] as const)
          ).map(
            (type) =>
              [
                family,
                'reservation-get-by-id',
                { 'identifier-type': type, identifier: hardware ?? about },
              ] as const,
          ),
        )
  const found: Reserved[] = []
  for (const [family, command, given] of asked) {
    const { arguments: told } = await server.ask(family, command, given)
    for (const host of (told.hosts ?? []) as readonly Members[]) found.push({ host, family })
  }
  return found
}

function selectorOf(host: Members): object {
  const where = { 'subnet-id': host['subnet-id'] }
  const type = identityOf(host)
  if (type !== undefined) return { ...where, 'identifier-type': type, identifier: host[type] }
  return { ...where, 'ip-address': addressesOf(host)[0] }
}

/** `198.18.0.50 for hw-address 02:00:00:00:00:50 in subnet 1`. */
function wordsOfHost(host: Members): string {
  const type = identityOf(host)
  const whose = type === undefined ? 'several identifiers' : `${type} ${host[type]}`
  const what = addressesOf(host).join(', ') || String(host.hostname || 'no address')
  const id = host['subnet-id']
  return `${what} for ${whose} ${id === 0 ? 'in every subnet' : `in subnet ${id}`}`
}
