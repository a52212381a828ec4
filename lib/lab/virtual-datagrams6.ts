// The datagram port of DHCPv6 on the simulated network, as virtual-datagrams4.ts is that of DHCPv4:
// a station for each interface, a bounded receive queue, and batches.

import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import type { Traffic } from '../ports/datagrams.ts'
import type {
  DatagramSink6,
  Datagrams6,
  Interface6,
  InterfaceStatus6,
  Reply6,
} from '../ports/datagrams6.ts'
import { linkLocalOf } from './addresses6.ts'
import { hwAddressOf } from './hardware.ts'
import type { Datagram, Link, Station } from './network.ts'
import type { Node } from './node.ts'
import { SERVER_PORT6 } from './packet6.ts'
import { ReceiveQueue, type ReceiveQueueSettings } from './receive-queue.ts'

export interface VirtualInterface6 {
  readonly name: string
  readonly link: Link
  /** `2001:db8::1/64`, beside the link-local address; may be empty. */
  readonly addresses: readonly string[]
}

export interface VirtualDatagramSettings6 extends ReceiveQueueSettings {
  readonly interfaces: readonly VirtualInterface6[]
  /** Told each reply at the moment when the server sends it. */
  readonly onReply?: (reply: Reply6) => void
}

const LINK_LOCAL_LENGTH = 64

export class VirtualDatagrams6 implements Datagrams6 {
  readonly #node: Node
  readonly #settings: VirtualDatagramSettings6
  #sink: DatagramSink6 | undefined
  readonly #stations = new Map<string, { from: Interface6; link: Link; station: Station }>()
  readonly #status = new Map<string, InterfaceStatus6>()
  readonly #queue: ReceiveQueue<Interface6>

  constructor(node: Node, settings: VirtualDatagramSettings6) {
    this.#node = node
    this.#settings = settings
    this.#queue = new ReceiveQueue(
      node,
      `node/${node.name}/busy6`,
      settings,
      (...taken) => this.#take(...taken),
      () => this.#sink?.onBatchEnd(),
    )
  }

  /** Datagrams that found the queue full. */
  get overflows(): number {
    return this.#queue.overflows
  }

  open(sink: DatagramSink6): void {
    this.#sink = sink
    this.#node.onCrash(() => this.#leave())
    const all = this.#settings.interfaces.map((one, index) => this.#interfaceOf(one, index + 1))
    sink.onAddresses(all.flatMap(({ addresses }) => addresses.map(({ address }) => address)))
    for (const [index, one] of this.#settings.interfaces.entries())
      this.#node.after(0, () => this.#serve(one, index + 1))
  }

  send(replies: readonly Reply6[]): void {
    for (const reply of replies) {
      this.#settings.onReply?.(reply)
      const { through, address } = reply
      const place = this.#stations.get(through.name)
      if (place === undefined) continue
      const isNear = isLinkLocal(address)
      const other = through.addresses.find((own) => !isLinkLocal(own.address))?.address
      const chosen = isNear ? through.linkLocal : (other ?? through.linkLocal)
      place.link.network.send(place.link, place.station, {
        source: reply.source === '' ? chosen : reply.source,
        sourcePort: SERVER_PORT6,
        destination: address,
        destinationPort: reply.port,
        hwAddress: '',
        bytes: reply.bytes.slice(reply.start, reply.end),
      })
    }
  }

  /** The lab's interfaces are its own: what a document asks for is not looked at. */
  select(): void {}

  /** The lab sees every datagram, so nobody counts here. */
  traffic(): readonly Traffic[] {
    return []
  }

  interfaces(): readonly Interface6[] {
    return Array.from(this.#stations.values(), ({ from }) => from)
  }

  status(): readonly InterfaceStatus6[] {
    return [...this.#status.values()]
  }

  close(done: () => void): void {
    this.#leave()
    this.#node.after(0, done)
  }

  /** Unplugs an interface by name. */
  down(name: string, trouble = 'the interface is down'): void {
    const place = this.#stations.get(name)
    if (place === undefined) return
    place.link.detach(place.station)
    this.#stations.delete(name)
    this.#report({ name, serving: false, trouble })
  }

  /** Plugs it in again. */
  up(name: string): void {
    const index = this.#settings.interfaces.findIndex((one) => one.name === name)
    const found = this.#settings.interfaces[index]
    if (found !== undefined && !this.#stations.has(name)) this.#serve(found, index + 1)
  }

  #interfaceOf({ name, addresses }: VirtualInterface6, index: number): Interface6 {
    const linkLocal = linkLocalOf(hwAddressOf(6, this.#node.name, index))
    const own = { address: linkLocal, length: LINK_LOCAL_LENGTH }
    return { name, index, linkLocal, addresses: [own, ...addresses.map(addressOfText)] }
  }

  #serve(one: VirtualInterface6, index: number): void {
    const from = this.#interfaceOf(one, index)
    const station: Station = {
      name: this.#node.name,
      hwAddress: hwAddressOf(6, this.#node.name, index),
      holds: (address) => from.addresses.some((own) => own.address === address),
      receive: (datagram) => this.#receive(from, datagram),
    }
    one.link.attach(station)
    this.#stations.set(one.name, { from, link: one.link, station })
    this.#report({ name: one.name, serving: true, trouble: '' })
  }

  #report(status: InterfaceStatus6): void {
    this.#status.set(status.name, status)
    this.#sink?.onInterface(status)
  }

  #receive(from: Interface6, datagram: Datagram): void {
    if (datagram.destinationPort === SERVER_PORT6) this.#queue.add(from, datagram)
  }

  #take(from: Interface6, datagram: Datagram, bytes: Uint8Array): void {
    const { source, sourcePort, destination } = datagram as Datagram<Ipv6>
    this.#sink?.onDatagram(from, bytes, 0, bytes.length, source, sourcePort, destination)
  }

  #leave(): void {
    for (const { link, station } of this.#stations.values()) link.detach(station)
    this.#stations.clear()
    this.#status.clear()
    this.#queue.clear()
    this.#sink = undefined
  }
}

function addressOfText(text: string): { address: Ipv6; length: number } {
  const [address, length] = text.split('/')
  const parsed = ipv6FromText(address ?? '')
  if (parsed === undefined) throw new Error(`"${text}" is no address with a prefix length`)
  return { address: parsed, length: Number(length ?? 128) }
}

function isLinkLocal(address: Ipv6): boolean {
  return address.startsWith('\xfe\x80')
}
