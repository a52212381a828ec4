// What belongs into one zone, by the leases as they are at this time: what they want there, and
// which addresses nobody else gives.

import { ipv4FromOctets } from '../../address/ipv4.ts'
import { ADDRESS_BITS, addressOf, lengthOf, prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ZonePlan } from '../../config/plan/names-plan.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { WantedRecord } from '../../ddns/compare.ts'
import { isSameMachine } from '../../ddns/dhcid.ts'
import { FORWARD, type NameEntry, REVERSE, toAdd } from '../../ddns/name-record.ts'
import { addressOf as addressOfName } from '../../ddns/reverse-name.ts'
import { parentOf } from '../../ddns/zones.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Instant } from '../../time/units.ts'
import type { NameLedger } from './ledger.ts'
import type { NameZones } from './name-zones.ts'
import type { NamesPair } from './names-duties.ts'
import type { Direction } from './sweep-report.ts'
import { addressOctets, dhcidsOf, otherDhcidsOf, wishOf } from './wishes.ts'

export interface ScopeDuties {
  readonly tables: LeaseTables
  readonly ledger: NameLedger
  readonly zones: NameZones
  plan(): Plan
  pair(): NamesPair | undefined
}

export interface WantedName extends WantedRecord {
  readonly key: Key
  readonly fqdn: Octets
  /** Whose records they are in the zone. */
  readonly owner: Octets
  /** It is on its way. */
  readonly isOwed: boolean
  /** Since when it is as it is. */
  readonly at: Instant
}

export class SweepScope {
  readonly direction: Direction
  readonly zone: ZonePlan
  readonly bit: number
  readonly #duties: ScopeDuties

  constructor(direction: Direction, zone: ZonePlan, duties: ScopeDuties) {
    this.direction = direction
    this.zone = zone
    this.bit = direction === 'forward' ? FORWARD : REVERSE
    this.#duties = duties
  }

  get ledger(): NameLedger {
    return this.#duties.ledger
  }

  /** Undefined: nothing of it belongs there, or it is another server's to see to. */
  wantedOf(lease: Lease<Key>): WantedName | undefined {
    const { ledger, plan } = this.#duties
    const { address: key, givenBy, start } = lease
    const wish = wishOf(plan(), lease)
    if (wish === undefined) return undefined
    const { fqdn } = wish
    const entries = ledger.of(key).filter((one) => one.fqdn === fqdn)
    // A client that has gone on with its name wants nothing more of it here.
    const entry = entries.find(({ wants }) => wants !== 0) ?? entries.find(isMoved)
    if (((entry?.wants ?? wish.wants) & this.bit) === 0 || entry?.isConflict === true)
      return undefined
    const owner = this.ownerOf(key, fqdn)
    if (owner === undefined || !this.#isAnswerable(entry?.by ?? givenBy)) return undefined
    return {
      ...{ key, fqdn, owner, at: entry?.at ?? start },
      value: this.direction === 'forward' ? addressOctets(key) : fqdn,
      dhcids: this.#dhcidsOf(lease, fqdn, entry),
      isOwed: entry !== undefined && (toAdd(entry) & this.bit) !== 0,
    }
  }

  wantedAt(key: Key): WantedName | undefined {
    const lease = this.#rowAt(key)
    return lease && this.wantedOf(lease)
  }

  /** Whether a lease says so, whosever it is, and whatever came of it. */
  isClaimed(key: Key, fqdn: Octets): boolean {
    const wish = wishOf(this.#duties.plan(), this.#rowAt(key))
    if (wish === undefined || (wish.wants & this.bit) === 0) return false
    return this.direction === 'reverse' || wish.fqdn === fqdn
  }

  /**
   * Whether nobody but servers of this configuration gives the address, and what they have given is
   * known here. In a cut the partner may have given what is free here.
   */
  isGivenHere(key: Key): boolean {
    if (!this.#isServed(key)) return false
    const { pair, tables } = this.#duties
    const row = this.#rowAt(key)
    if (pair()?.isTogether === false && tables.of(key).keysOf(key, row) !== 2) return false
    return row !== undefined || this.#isPooled(key)
  }

  /** Addresses of a family that is not served here are another server's, whatever they are. */
  #isServed(key: Key): boolean {
    const { dhcp4, dhcp6 } = this.#duties.plan()
    return (versionOf(key) === 4 ? dhcp4 : dhcp6) !== undefined
  }

  #rowAt(key: Key): Lease<Key> | undefined {
    return this.#isServed(key) ? this.#duties.tables.of(key).byAddress(key) : undefined
  }

  /** Whether whoever has the address, or had it last, has registered the name. */
  isOfClient(key: Key, fqdn: Octets, dhcid: Octets): boolean {
    const row = this.#rowAt(key)
    return row !== undefined && isSameMachine(dhcid, dhcidsOf(row, fqdn))
  }

  #isPooled(key: Key): boolean {
    const { dhcp4, dhcp6 } = this.#duties.plan()
    if (typeof key === 'number')
      return dhcp4?.subnetsAt(key).some((subnet) => subnet.poolOf(key) !== undefined) === true
    if (lengthOf(key) !== ADDRESS_BITS) return false
    const subnets = dhcp6?.subnetsAt(addressOf(key)) ?? []
    return subnets.some((subnet) => subnet.poolOf(key) !== undefined)
  }

  /** The address that has its name there; undefined where it is another name. */
  keyOfOwner(owner: Octets): Key | undefined {
    const own = addressOfName(owner)
    if (own !== undefined) return keyOfOctets(own)
    // RFC 2317: the zone has the last number of the address.
    const { name } = this.zone
    if (parentOf(owner) !== name) return undefined
    const address = addressOfName(`${owner.slice(0, owner.indexOf('.'))}.${parentOf(name)}`)
    return address === undefined ? undefined : keyOfOctets(address)
  }

  /** Whose records are to be looked at for it; undefined: another zone has it. */
  ownerOf(key: Key, fqdn: Octets): Octets | undefined {
    const place = this.#duties.zones.placeOf(key, fqdn, this.bit)
    return place?.zone === this.zone ? place.name : undefined
  }

  #dhcidsOf(lease: Lease<Key>, fqdn: Octets, entry: NameEntry | undefined): readonly Octets[] {
    const wish = wishOf(this.#duties.plan(), lease)!
    if ((entry?.mode ?? wish.mode) === 'no-check-without-dhcid') return []
    return entry === undefined
      ? [wish.dhcid(), ...otherDhcidsOf(lease, fqdn)]
      : [entry.dhcid, ...entry.also]
  }

  /** In a pair each sees to what it has begun, and to what the partner has where that is gone. */
  #isAnswerable(by: NameEntry['by']): boolean {
    const pair = this.#duties.pair()
    return by === 'us' || pair?.isAlone === true
  }
}

function isMoved(entry: NameEntry): boolean {
  return entry.isMoved
}

/** Of 4 octets or 16. */
export function keyOfOctets(address: Octets): Key {
  return address.length === 4 ? ipv4FromOctets(address) : prefix6(address, ADDRESS_BITS)
}
