// Who may have which address by a document, judged by hand and not by the product: guards, known
// clients, reservations and what they list.

import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import type { GuardedDocument } from '../../lib/config/keys/common-document.ts'
import type {
  Dhcp4Document,
  IdentityDocument,
  NetworkDocument,
  ReservationDocument,
  SubnetDocument,
} from '../../lib/config/keys/document4.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { MAKE_LENGTH, TESTS } from './classes.ts'
import { endsOf, netOf, subnetsOf } from './documents.ts'
import { addressLimitOf } from './limited.ts'

/** Which server's client one is, is not judged: taken to be so, or not to be so. */
type AsServers = boolean

/** RFC 4361 §6.1: behind the type and the number of the interface. */
const BEFORE_DUID = 5

/** Addresses of a client in a subnet. */
type Judged = Map<VirtualClient4, Map<SubnetDocument, ReadonlySet<Ipv4>>>

export class Admission {
  readonly #document: Partial<Dhcp4Document>
  readonly #refused: readonly string[]
  /** What was judged before: as clients, and as servers judge. */
  readonly #judged: readonly [Judged, Judged] = [new Map(), new Map()]
  readonly #cards = new Map<VirtualClient4, boolean>()

  constructor(document: Partial<Dhcp4Document>) {
    this.#document = document
    this.#refused = (document['client-classes'] ?? [])
      .map(({ name }) => name)
      .filter((name) => name === 'DROP' || name === 'REJECT')
  }

  get subnets(): readonly SubnetDocument[] {
    return subnetsOf(this.#document)
  }

  /**
   * Every address of the subnet that the client may have. What clients and documents say of
   * themselves never changes, and it is asked at every event of a world.
   */
  addresses(
    client: VirtualClient4,
    subnet: SubnetDocument,
    asServers: AsServers,
  ): ReadonlySet<Ipv4> {
    const judged = this.#judged[asServers ? 1 : 0]
    const ofClient = judged.get(client) ?? new Map<SubnetDocument, ReadonlySet<Ipv4>>()
    judged.set(client, ofClient)
    const found = ofClient.get(subnet) ?? this.#addresses(client, subnet, asServers)
    ofClient.set(subnet, found)
    return found
  }

  #addresses(
    client: VirtualClient4,
    subnet: SubnetDocument,
    asServers: AsServers,
  ): ReadonlySet<Ipv4> {
    const isIn = (name: string) => this.#isIn(client, subnet, name, asServers)
    const admits = (one: GuardedDocument) => {
      const guard = one['client-classes'] ?? []
      return guard.length === 0 || guard.some(isIn)
    }
    if (this.#refused.some(isIn) || !admits(subnet) || !admits(this.#networkOf(subnet)))
      return new Set()
    const found = new Set<Ipv4>()
    for (const pool of subnet.pools ?? [])
      if (admits(pool)) for (const address of addressesIn(subnet, pool.pool)) found.add(address)
    const own = reservationOf(client, subnet)
    for (const one of subnet.reservations ?? []) {
      const address = ipv4FromText(one['ip-address'] ?? '')
      if (address === undefined) continue
      if (one === own) found.add(address)
      else found.delete(address)
    }
    return found
  }

  /**
   * Whether the client is one of several cards of a host. Of those nobody is promised an address:
   * they take theirs from each other, and who finds it in use declines it.
   */
  isCard(client: VirtualClient4): boolean {
    const isOne = (subnet: SubnetDocument) =>
      (reservationOf(client, subnet)?.identifiers?.length ?? 0) > 1
    const isCard = this.#cards.get(client) ?? this.subnets.some(isOne)
    this.#cards.set(client, isCard)
    return isCard
  }

  #isShared(subnet: SubnetDocument): boolean {
    const networks = this.#document['shared-networks'] ?? []
    return networks.some(({ subnet4 = [] }) => subnet4.includes(subnet))
  }

  #networkOf(subnet: SubnetDocument): NetworkDocument | GuardedDocument {
    const networks = this.#document['shared-networks'] ?? []
    return networks.find(({ subnet4 = [] }) => subnet4.includes(subnet)) ?? {}
  }

  #isIn(
    client: VirtualClient4,
    subnet: SubnetDocument,
    name: string,
    asServers: AsServers,
  ): boolean {
    const { hwAddress, vendorClass } = client.machine.settings
    const reservations = this.#onLinkOf(subnet)
      .map((one) => reservationOf(client, one))
      .filter((one) => one !== undefined)
    if (name === 'ALL') return true
    if (name === 'KNOWN') return reservations.length > 0
    if (name === 'UNKNOWN') return reservations.length === 0
    if (name.startsWith('HA_')) return asServers
    if (name.startsWith('VENDOR_CLASS_')) return name === `VENDOR_CLASS_${vendorClass}`
    if (name.startsWith('SPAWN_make_'))
      return name === `SPAWN_make_${vendorClass.slice(0, MAKE_LENGTH)}`
    // In a shared network they open no pool: which of its subnets it will be is not known yet.
    if (
      !this.#isShared(subnet) &&
      reservations.some((one) => one['client-classes']?.includes(name))
    )
      return true
    const { test } = this.#document['client-classes']?.find((one) => one.name === name) ?? {}
    const isIn = (other: string) => this.#isIn(client, subnet, other, asServers)
    return test !== undefined && TESTS[test]!({ hwAddress, vendorClass }, isIn)
  }

  /** The subnet, and those that share its link: a reservation in any makes its client known. */
  #onLinkOf(subnet: SubnetDocument): readonly SubnetDocument[] {
    const networks = this.#document['shared-networks'] ?? []
    return networks.find(({ subnet4 = [] }) => subnet4.includes(subnet))?.subnet4 ?? [subnet]
  }
}

/** Who waits for an address while one that it may have is nobody's; `name address`. */
export function waitingInVain(lab: Lab, admission: Admission): string[] {
  const held = new Set(lab.clients.map(({ ipv4 }) => ipv4))
  const found: string[] = []
  for (const client of lab.clients) {
    if (client.isBound || admission.isCard(client)) continue
    for (const subnet of admission.subnets) {
      if (lab.link(subnet.id) !== client.link || isFull(subnet, held)) continue
      const free = [...admission.addresses(client, subnet, false)].filter((one) => !held.has(one))
      if (free.length > 0) found.push(`${client.name} ${client.state}`)
    }
  }
  return found
}

/** Tells of each address that no version of the configuration has for the client. */
export function watchAdmissions(
  { clients }: Lab,
  admissions: readonly Admission[],
  tell: (sentence: string) => void,
): void {
  for (const client of clients)
    client.onAction((_, action) => {
      if (action.kind !== 'bound' && action.kind !== 'extended') return
      const { address } = action.lease
      const isMeant = admissions.some((admission) =>
        admission.subnets.some((one) => admission.addresses(client, one, true).has(address)),
      )
      if (!isMeant) tell(`${client.name} has ${client.address}, which is not for it`)
    })
}

function isFull(subnet: SubnetDocument, held: ReadonlySet<Ipv4>): boolean {
  const limit = addressLimitOf(subnet)
  if (limit === Number.POSITIVE_INFINITY) return false
  const first = ipv4FromText(`${netOf(subnet)}.0`)!
  const inside = [...held].filter((address) => address >= first && address < first + 256)
  return inside.length >= limit
}

function* addressesIn(subnet: SubnetDocument, pool: string): Iterable<Ipv4> {
  const [first, last] = endsOf(pool)
  for (let host = first; host <= last; host++) yield ipv4FromText(`${netOf(subnet)}.${host}`)!
}

/** In this order identifiers are looked up. */
const KINDS = ['hw-address', 'duid', 'client-id'] as const

function reservationOf(
  { machine }: VirtualClient4,
  { reservations = [] }: SubnetDocument,
): ReservationDocument | undefined {
  const { hwAddress, clientId } = machine.settings
  const duid = clientId.startsWith('\xff') ? clientId.slice(BEFORE_DUID) : ''
  const known = { 'hw-address': hwAddress, duid, 'client-id': clientId }
  for (const kind of KINDS) {
    const isNamed = (one: IdentityDocument) =>
      known[kind] !== '' && octetsFromHex(one[kind] ?? '') === known[kind]
    const found = reservations.find((one) => [one, ...(one.identifiers ?? [])].some(isNamed))
    if (found !== undefined) return found
  }
  return undefined
}
