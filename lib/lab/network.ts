// The simulated network: links (segments) with stations on them. A frame to a hardware address
// reaches only that station, a broadcast or what goes to a group all others on the link, an IP
// unicast whoever holds the address, on this link or, through routers that are not modelled, on
// another. Datagrams get lost, late, doubled and overtaken by seeded draws; directions between
// stations can be cut.

import { BROADCAST, type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { type Ipv6, textFromIpv6 } from '../address/ipv6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import { between, happens } from './chance.ts'
import { describe } from './packet4.ts'
import { describe6 } from './packet6.ts'
import type { World } from './world.ts'

/** An address of either family; a number is IPv4. */
export type NetAddress = Ipv4 | Ipv6

/** A UDP datagram under way. Its bytes belong to it and are not changed by anybody. */
export interface Datagram<A extends NetAddress = NetAddress> {
  readonly source: A
  readonly sourcePort: number
  readonly destination: A
  readonly destinationPort: number
  /** Not '': in a frame to this hardware address, whatever the destination. */
  readonly hwAddress: Octets
  readonly bytes: Uint8Array
}

/** Something with a network card on one link. */
export interface Station {
  readonly name: string
  readonly hwAddress: Octets
  /** Whether it answers for this address now (ARP, neighbour discovery). */
  holds(address: NetAddress): boolean
  receive(datagram: Datagram): void
}

export interface NetworkFaults {
  /** Probability that a datagram does not arrive at one receiver. */
  readonly loss: number
  /** Probability that it arrives twice. */
  readonly duplicate: number
  /** Each copy takes a drawn time of its own, so they overtake each other. */
  readonly delayMin: Millis
  readonly delayMax: Millis
  /** Probability that a copy takes up to lateMax instead. */
  readonly late: number
  readonly lateMax: Millis
}

/** A network without faults: everything arrives once, in order, after 0.1 ms. */
export const FAULTLESS: NetworkFaults = {
  loss: 0,
  duplicate: 0,
  delayMin: 0.1,
  delayMax: 0.1,
  late: 0,
  lateMax: 0,
}

export interface NetworkCounters {
  sent: number
  delivered: number
  lost: number
  duplicated: number
  cut: number
}

export class Link {
  readonly name: string
  readonly network: Network
  readonly stations: Station[] = []

  constructor(name: string, network: Network) {
    this.name = name
    this.network = network
  }

  attach(station: Station): void {
    if (!this.stations.includes(station)) this.stations.push(station)
  }

  detach(station: Station): void {
    const at = this.stations.indexOf(station)
    if (at >= 0) this.stations.splice(at, 1)
  }

  /**
   * Whether a station other than `asker` answers for the address (a probe, which never fails).
   */
  isHeldByOther(address: NetAddress, asker: Station): boolean {
    return this.stations.some((station) => station !== asker && station.holds(address))
  }
}

export class Network {
  readonly world: World
  readonly counters: NetworkCounters = { sent: 0, delivered: 0, lost: 0, duplicated: 0, cut: 0 }
  /** Replace it at any time; it counts for what is sent afterwards. */
  faults: NetworkFaults
  #links = new Map<string, Link>()
  #cuts = new Set<string>()
  #unplugged = new Set<string>()
  #draw: Draw

  constructor(world: World, faults: Partial<NetworkFaults> = {}) {
    this.world = world
    this.faults = { ...FAULTLESS, ...faults }
    this.#draw = world.draw('network')
  }

  /** The link of this name, made when it is asked for first. */
  link(name: string): Link {
    let link = this.#links.get(name)
    if (link === undefined) {
      link = new Link(name, this)
      this.#links.set(name, link)
    }
    return link
  }

  /** Cuts one direction between two stations; `*` stands for every station. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`)
  }

  /** Cuts every direction between the stations of the two groups. */
  partition(group: readonly string[], other: readonly string[]): void {
    for (const one of group)
      for (const two of other) {
        this.cut(one, two)
        this.cut(two, one)
      }
  }

  /**
   * Takes a station from the network, whatever else is cut or healed, until it is plugged in again.
   */
  unplug(name: string): void {
    this.#unplugged.add(name)
  }

  plug(name: string): void {
    this.#unplugged.delete(name)
  }

  /** Undoes one cut, or all. */
  heal(from?: string, to?: string): void {
    if (from === undefined || to === undefined) this.#cuts.clear()
    else this.#cuts.delete(`${from}>${to}`)
  }

  /** Sends a datagram whose bytes the caller gives away. */
  send(link: Link, from: Station, datagram: Datagram): void {
    this.counters.sent++
    if (this.world.tracing) this.world.note(from.name, `sends ${label(datagram)}`)
    for (const [station, where] of this.#receivers(link, from, datagram))
      this.#carry(where, from, station, datagram)
  }

  #receivers(link: Link, from: Station, datagram: Datagram): [Station, Link][] {
    const others = link.stations.filter((station) => station !== from)
    const here = (stations: Station[]): [Station, Link][] => stations.map((one) => [one, link])
    if (datagram.hwAddress !== '')
      return here(others.filter((station) => station.hwAddress === datagram.hwAddress))
    if (isForAll(datagram.destination)) return here(others)
    const holders = others.filter((station) => station.holds(datagram.destination))
    return holders.length > 0 ? here(holders) : this.#routed(from, datagram.destination)
  }

  #routed(from: Station, address: NetAddress): [Station, Link][] {
    if (isLinkLocal(address)) return []
    const found: [Station, Link][] = []
    for (const link of this.#links.values())
      for (const station of link.stations)
        if (station !== from && station.holds(address)) found.push([station, link])
    return found
  }

  #carry(link: Link, from: Station, to: Station, datagram: Datagram): void {
    if (this.#isCut(from.name, to.name)) {
      this.counters.cut++
      return
    }
    if (happens(this.#draw, this.faults.loss)) {
      this.counters.lost++
      if (this.world.tracing) this.world.note('network', `loses it for ${to.name}`)
    } else this.#deliverLater(link, to, datagram)
    if (happens(this.#draw, this.faults.duplicate)) {
      this.counters.duplicated++
      this.#deliverLater(link, to, datagram)
    }
  }

  /** Every station of every link. */
  stations(): Station[] {
    return [...this.#links.values()].flatMap(({ stations }) => stations)
  }

  /** Whether nothing is cut between the two, there and back. */
  reaches(from: string, to: string): boolean {
    return !this.#isCut(from, to) && !this.#isCut(to, from)
  }

  #isCut(from: string, to: string): boolean {
    const cuts = this.#cuts
    const unplugged = this.#unplugged
    if (unplugged.size > 0 && (unplugged.has(from) || unplugged.has(to))) return true
    if (cuts.size === 0) return false
    return cuts.has(`${from}>${to}`) || cuts.has(`${from}>*`) || cuts.has(`*>${to}`)
  }

  #deliverLater(link: Link, to: Station, datagram: Datagram): void {
    const { delayMin, delayMax, late, lateMax } = this.faults
    const slow = happens(this.#draw, late)
    const delay = between(this.#draw, slow ? delayMax : delayMin, slow ? lateMax : delayMax)
    this.world.after(delay, () => {
      // Who has left the link meanwhile hears nothing.
      if (!link.stations.includes(to)) return
      this.counters.delivered++
      if (this.world.tracing) this.world.note(to.name, `hears ${label(datagram)}`)
      to.receive(datagram)
    })
  }
}

/** A broadcast, or a group of either family: who is not in it does not listen at its port. */
function isForAll(address: NetAddress): boolean {
  return typeof address === 'number' ? address === BROADCAST : address.startsWith('\xff')
}

function isLinkLocal(address: NetAddress): boolean {
  return typeof address === 'string' && address.startsWith('\xfe\x80')
}

function label({ bytes, destination, destinationPort, hwAddress }: Datagram): string {
  const isIpv4 = typeof destination === 'number'
  const what = isIpv4 ? describe(bytes) : describe6(bytes)
  const address = isIpv4 ? textFromIpv4(destination) : textFromIpv6(destination)
  const to = hwAddress === '' ? address : 'its hardware address'
  return `${what} to ${to} port ${destinationPort}`
}
