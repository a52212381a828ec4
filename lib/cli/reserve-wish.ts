// What `whio reserve` is to reserve, for whom, and where: from a lease of the running server, or
// from what was said where there is none.

import { ipv4FromText, prefixContains, prefixFromText, textFromIpv4 } from '../address/ipv4.ts'
import { isInside, prefix6FromText, textFromPrefix6 } from '../address/prefix6.ts'
import { printable } from './printable.ts'
import type { Family, ServerCommands } from './server-commands.ts'
import { UsageError } from './usage.ts'

export const IDENTITIES = ['hw-address', 'client-id', 'duid'] as const

export type Identity = (typeof IDENTITIES)[number]

export interface Address {
  readonly family: Family
  /** One way to write it of the many; a delegated prefix with its length. */
  readonly text: string
}

/** An address of either family, or a prefix; undefined where it is none. */
export function addressFrom(text: string): Address | undefined {
  const four = ipv4FromText(text)
  if (four !== undefined) return { family: 4, text: textFromIpv4(four) }
  const six = text.includes(':') ? prefix6FromText(text) : undefined
  return six === undefined ? undefined : { family: 6, text: textFromPrefix6(six) }
}

/** `02:00:5e:10:00:01`; undefined where it is no hardware address. */
export function hardwareFrom(text: string): string | undefined {
  if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text)) return undefined
  const octets = text.toLowerCase().split(/[:-]/)
  return octets.map((octet) => octet.padStart(2, '0')).join(':')
}

export interface Wish extends Address {
  readonly subnetId: number
  readonly identity: Identity
  readonly id: string
}

export interface Said {
  /** An address or a hardware address. */
  readonly about: string
  readonly address: string | undefined
  readonly by: string | undefined
}

/** Throws UsageError, and rejects with why it cannot be. */
export async function wishOf({ about, address, by }: Said, server: ServerCommands): Promise<Wish> {
  const identity = IDENTITIES.find((one) => one === by)
  if (by !== undefined && identity === undefined)
    throw new UsageError(`--by: one of ${IDENTITIES.join(', ')}`)
  const wanted = address === undefined ? undefined : addressFrom(address)
  if (address !== undefined && wanted === undefined)
    throw new UsageError(`--address: '${address}' is no address`)
  const at = addressFrom(about)
  const hardware = hardwareFrom(about)
  if (at === undefined && hardware === undefined)
    throw new UsageError(`'${printable(about)}' is no address, nor a hardware address`)
  const leases = at === undefined ? await leasesOf(hardware!, server) : await leaseAt(at, server)
  const fitting = wanted === undefined ? leases : leases.filter((one) => isLike(one, wanted))
  const [lease, other] = fitting
  if (lease !== undefined && other !== undefined && wanted === undefined)
    throw new Error(
      `${about} has several leases, name one: ${fitting.map(({ text }) => text).join(', ')}`,
    )
  if (lease === undefined) return wishWithout(hardware, wanted, about, identity, server)
  const target = wanted ?? lease
  const kind = identity ?? identityOf(lease)
  const id = lease.ids[kind]
  if (id === undefined) throw new Error(`the lease of ${lease.text} has no ${kind}`)
  const { subnetId } = lease
  await checkPlace(target, subnetId, server)
  return { ...target, subnetId, identity: kind, id }
}

/** Of the same kind: address or prefix, of the same family. */
function isLike(one: Address, other: Address): boolean {
  return one.family === other.family && one.text.includes('/') === other.text.includes('/')
}

/** A client that is known by its hardware address only, where the address was said. */
async function wishWithout(
  hardware: string | undefined,
  wanted: Address | undefined,
  about: string,
  identity: Identity | undefined,
  server: ServerCommands,
): Promise<Wish> {
  if (hardware === undefined)
    throw new Error(`nobody has ${about}; name the client: whio reserve MAC --address ${about}`)
  if (wanted === undefined) throw new Error(`${about} has no lease; say which address: --address`)
  if (identity !== undefined && identity !== 'hw-address')
    throw new Error(`${about} has no lease, so that its ${identity} is not known`)
  const subnets = await subnetsOf(wanted.family, server)
  const found = subnets.find(({ subnet }) => isWithin(wanted, subnet))
  if (found === undefined) throw new Error(`${wanted.text} is in no subnet`)
  return { ...wanted, subnetId: found.id, identity: 'hw-address', id: hardware }
}

function identityOf({ family, ids }: Had): Identity {
  if (family === 6) return 'duid'
  return ids['hw-address'] === undefined ? 'client-id' : 'hw-address'
}

// ---- leases

interface Had extends Address {
  readonly subnetId: number
  readonly ids: Readonly<Partial<Record<Identity, string>>>
}

const ASSIGNED = 0

async function leaseAt({ family, text }: Address, server: ServerCommands): Promise<Had[]> {
  const [address = '', length] = text.split('/')
  const type = length === undefined ? {} : { type: 'IA_PD' }
  const given = { 'ip-address': address, ...type }
  const {
    result,
    text: why,
    arguments: lease,
  } = await server.ask(family, `lease${family}-get`, given)
  if (result === NOTHING) return []
  if (result !== 0) throw new Error(why)
  if (lease.state !== ASSIGNED)
    throw new Error(`${text} is nobody's: its lease is ${STATES[Number(lease.state)] ?? 'over'}`)
  return [hadFrom(lease, family)].filter((one) => one.text === text)
}

const NOTHING = 3
const STATES = ['assigned', 'declined', 'over', 'released', 'registered']

async function leasesOf(hardware: string, server: ServerCommands): Promise<Had[]> {
  const found: Had[] = []
  for (const family of [4, 6] as const) {
    const command = `lease${family}-get-by-hw-address`
    const { result, arguments: told } = await server.ask(family, command, {
      'hw-address': hardware,
    })
    // A family that is not served has no leases.
    if (result !== 0) continue
    for (const lease of told.leases as Told[])
      if (lease.state === ASSIGNED) found.push(hadFrom(lease, family))
  }
  return found
}

type Told = Readonly<Record<string, unknown>>

function hadFrom(lease: Told, family: Family): Had {
  const length = lease.type === 'IA_PD' ? `/${lease['prefix-len']}` : ''
  const ids = IDENTITIES.flatMap((kind) => {
    const id = lease[kind]
    return typeof id === 'string' && id !== '' ? [[kind, id] as const] : []
  })
  const text = `${lease['ip-address']}${length}`
  return { family, text, subnetId: Number(lease['subnet-id']), ids: Object.fromEntries(ids) }
}

// ---- subnets

interface SubnetTold {
  readonly id: number
  readonly subnet: string
}

async function subnetsOf(family: Family, server: ServerCommands): Promise<readonly SubnetTold[]> {
  const { arguments: told } = await server.ask(family, `subnet${family}-list`)
  return (told.subnets ?? []) as readonly SubnetTold[]
}

/** Delegated prefixes lie outside their subnet. */
async function checkPlace(target: Address, id: number, server: ServerCommands): Promise<void> {
  if (target.text.includes('/')) return
  const subnets = await subnetsOf(target.family, server)
  const found = subnets.find((one) => one.id === id)
  if (found === undefined) throw new Error(`subnet ${id} of the lease is not configured any more`)
  if (isWithin(target, found.subnet)) return
  throw new Error(`${target.text} is not in subnet ${id} (${found.subnet}), where the client is`)
}

function isWithin({ family, text }: Address, subnet: string): boolean {
  if (family === 4) {
    const [prefix, address] = [prefixFromText(subnet.trim()), ipv4FromText(text)]
    return prefix !== undefined && address !== undefined && prefixContains(prefix, address)
  }
  const [outer, inner] = [prefix6FromText(subnet.trim()), prefix6FromText(text)]
  return outer !== undefined && inner !== undefined && isInside(inner, outer)
}
