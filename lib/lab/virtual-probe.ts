// Asking on the simulated network whether somebody has an address: on the link of the interface by
// ARP, beyond it by a ping. Questions and answers get lost and late like everything else.

import { type Ipv4, isNeighbour } from '../address/ipv4.ts'
import type { Interface4 } from '../ports/datagrams4.ts'
import type { Probe, ProbeAnswer } from '../ports/probe.ts'
import type { Draw } from '../time/draw.ts'
import { between, happens } from './chance.ts'
import type { Station } from './network.ts'
import type { Node } from './node.ts'
import type { VirtualInterface4 } from './virtual-datagrams4.ts'

export class VirtualProbe implements Probe {
  /** Addresses in the order in which they were asked for. */
  readonly asked: Ipv4[] = []
  readonly #node: Node
  readonly #interfaces: readonly VirtualInterface4[]
  readonly #draw: Draw
  #answers: ProbeAnswer[] = []

  constructor(node: Node, interfaces: readonly VirtualInterface4[]) {
    this.#node = node
    this.#interfaces = interfaces
    this.#draw = node.world.draw(`node/${node.name}/probe`)
  }

  ask(address: Ipv4, through: Interface4): boolean {
    const link = this.#interfaces.find(({ name }) => name === through.name)?.link
    if (link === undefined) return false
    this.asked.push(address)
    const isNear = through.addresses.some((own) => isNeighbour(own, address))
    const { network } = link
    for (const station of isNear ? link.stations : network.stations()) {
      if (!network.reaches(this.#node.name, station.name)) continue
      // There and back.
      const { loss, delayMin, delayMax } = network.faults
      if (happens(this.#draw, loss) || happens(this.#draw, loss)) continue
      const delay = between(this.#draw, delayMin, delayMax)
      this.#node.world.after(delay, () => this.#hear(station, address, isNear ? through.index : 0))
    }
    return true
  }

  answers(): readonly ProbeAnswer[] {
    const answers = this.#answers
    this.#answers = []
    return answers
  }

  close(): void {
    this.#answers = []
  }

  #hear(station: Station, address: Ipv4, index: number): void {
    if (!station.holds(address)) return
    this.#answers.push({ address, hwAddress: index === 0 ? '' : station.hwAddress, index })
  }
}
