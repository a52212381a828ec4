// What happens to clients of a simulated world: they are switched off, lose their memory, are
// carried to another network, give addresses back, sometimes twice.

import { between, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import type { Draw } from '../../lib/time/draw.ts'

export const CLIENT_FAULT_KINDS = [
  'reboot',
  'switch-off',
  'forget',
  'release',
  'repeat-release',
  'decline',
  'move',
  'wish',
] as const

/** Lets something be undone after a drawn time up to `max`. */
type Heal = (heal: () => void, max?: number) => void

/** A datagram lives less than this, copies included. */
const DATAGRAM_LIFE = 10_000

export class ClientFaults {
  #lab: Lab
  #draw: Draw
  #heal: Heal

  constructor(lab: Lab, draw: Draw, heal: Heal) {
    this.#lab = lab
    this.#draw = draw
    this.#heal = heal
  }

  /** False when it is no fault of clients. */
  happen(kind: string, client: VirtualClient4): boolean {
    switch (kind) {
      case 'reboot':
        this.#switchOff(client, 3000)
        return true
      case 'switch-off':
        this.#switchOff(client, 400_000)
        return true
      case 'forget':
        client.forget()
        client.start()
        return true
      case 'release':
        this.#release(client)
        return true
      case 'repeat-release':
        client.repeatRelease(this.#copyAgeMax())
        return true
      case 'decline':
        client.decline()
        return true
      case 'move':
        // Who trusts its memory would use an address of another network for ever.
        if (client.machine.settings.trustsMemory) client.forget()
        client.move(oneOf(this.#draw, [...this.#lab.topology.links.values()]))
        return true
      case 'wish':
        // Another lifetime is asked for from now on.
        client.machine.settings = { ...client.machine.settings, lifetime: 20 + this.#draw(900) }
        return true
      default:
        return false
    }
  }

  /** How old a datagram may be of which a copy sets out now. */
  #copyAgeMax(): number {
    const { late, lateMax, delayMax } = this.#lab.network.faults
    return DATAGRAM_LIFE - (late > 0 ? lateMax : delayMax)
  }

  #switchOff(client: VirtualClient4, durationMax: number): void {
    client.stop()
    this.#heal(() => client.state === 'off' && client.start(), durationMax)
  }

  /** Half of the clients ask for an address again at once; some RELEASEs arrive once more, late. */
  #release(client: VirtualClient4): void {
    client.release()
    // The network may keep a copy for a while.
    const copyAge = between(this.#draw, 0, this.#copyAgeMax())
    if (this.#draw(2) === 0) this.#heal(() => client.repeatRelease(this.#copyAgeMax()), copyAge)
    const atOnce = this.#draw(2) === 0
    this.#heal(() => client.state === 'off' && client.start(), atOnce ? 500 : undefined)
  }
}
