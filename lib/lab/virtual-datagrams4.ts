// The datagram port on the simulated network: a station for each interface, a bounded receive queue
// as a kernel has it, and batches: what arrived at one instant, or while the server was busy or
// paused, is handed over together.

import { BROADCAST, type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import type { Traffic } from '../ports/datagrams.ts'
import type {
  DatagramSink4,
  Datagrams4,
  Interface4,
  InterfaceStatus4,
  Reply4,
} from '../ports/datagrams4.ts'
import { hwAddressOf } from './hardware.ts'
import type { Datagram, Link, Station } from './network.ts'
import type { Node } from './node.ts'
import { SERVER_PORT } from './packet4.ts'
import { ReceiveQueue, type ReceiveQueueSettings } from './receive-queue.ts'

export interface VirtualInterface4 {
  readonly name: string
  readonly link: Link
  /** `192.0.2.1/24`, at least one. */
  readonly addresses: readonly string[]
}

export interface VirtualDatagramSettings extends ReceiveQueueSettings {
  readonly interfaces: readonly VirtualInterface4[]
  /** Whether replies can go in a frame to a hardware address, or are broadcast. Default true. */
  readonly unicast?: boolean
  /** Told each reply at the moment when the server sends it. */
  readonly onReply?: (reply: Reply4) => void
}

export class VirtualDatagrams4 implements Datagrams4 {
  #node: Node
  #settings: VirtualDatagramSettings
  #sink: DatagramSink4 | undefined
  #stations = new Map<string, { link: Link; station: Station }>()
  #status = new Map<string, InterfaceStatus4>()
  readonly #queue: ReceiveQueue<Interface4>

  constructor(node: Node, settings: VirtualDatagramSettings) {
    this.#node = node
    this.#settings = settings
    this.#queue = new ReceiveQueue(
      node,
      `node/${node.name}/busy`,
      settings,
      (...taken) => this.#take(...taken),
      () => this.#sink?.onBatchEnd(),
    )
  }

  /** Datagrams that found the queue full. */
  get overflows(): number {
    return this.#queue.overflows
  }

  open(sink: DatagramSink4): void {
    this.#sink = sink
    this.#node.onCrash(() => this.#leave())
    const all = this.#settings.interfaces.flatMap(({ addresses }) => addresses.map(addressOfText))
    sink.onAddresses(all.map(({ address }) => address))
    this.#settings.interfaces.forEach((one, index) => {
      this.#node.after(0, () => this.#serve(one, index + 1))
    })
  }

  send(replies: readonly Reply4[]): void {
    for (const reply of replies) {
      this.#settings.onReply?.(reply)
      const place = this.#stations.get(reply.through.name)
      if (place === undefined) continue
      const framed = reply.hwAddress !== ''
      const broadcast = framed && this.#settings.unicast === false
      place.link.network.send(place.link, place.station, {
        source: reply.source,
        sourcePort: SERVER_PORT,
        destination: broadcast ? BROADCAST : reply.address,
        destinationPort: reply.port,
        hwAddress: broadcast ? '' : reply.hwAddress,
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

  status(): readonly InterfaceStatus4[] {
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
    this.#report({ name, serving: false, trouble, unicast: this.#settings.unicast !== false })
  }

  /** Plugs it in again. */
  up(name: string): void {
    const index = this.#settings.interfaces.findIndex((one) => one.name === name)
    const found = this.#settings.interfaces[index]
    if (found !== undefined && !this.#stations.has(name)) this.#serve(found, index + 1)
  }

  #serve(one: VirtualInterface4, index: number): void {
    const from: Interface4 = { name: one.name, index, addresses: one.addresses.map(addressOfText) }
    const station: Station = {
      name: this.#node.name,
      hwAddress: hwAddressOf(4, this.#node.name, index),
      holds: (address) => from.addresses.some((own) => own.address === address),
      receive: (datagram) => this.#receive(from, datagram),
    }
    one.link.attach(station)
    this.#stations.set(one.name, { link: one.link, station })
    const unicast = this.#settings.unicast !== false
    this.#report({ name: one.name, serving: true, trouble: '', unicast })
  }

  #report(status: InterfaceStatus4): void {
    this.#status.set(status.name, status)
    this.#sink?.onInterface(status)
  }

  #receive(from: Interface4, datagram: Datagram): void {
    if (datagram.destinationPort === SERVER_PORT) this.#queue.add(from, datagram)
  }

  #take(from: Interface4, datagram: Datagram, bytes: Uint8Array): void {
    const { source, sourcePort, destination } = datagram as Datagram<Ipv4>
    const isAsked = from.addresses.some((own) => own.address === destination)
    const to = isAsked ? destination : BROADCAST
    this.#sink?.onDatagram(from, bytes, 0, bytes.length, source, sourcePort, to)
  }

  #leave(): void {
    for (const { link, station } of this.#stations.values()) link.detach(station)
    this.#stations.clear()
    this.#status.clear()
    this.#queue.clear()
    this.#sink = undefined
  }
}

function addressOfText(text: string): { address: Ipv4; length: number } {
  const [address, length] = text.split('/')
  const parsed = ipv4FromText(address ?? '')
  if (parsed === undefined) throw new Error(`"${text}" is no address with a prefix length`)
  return { address: parsed, length: Number(length ?? 32) }
}
