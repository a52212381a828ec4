// The service of a server of a simulated pair is switched off and on by command, at either server
// and whatever else happens: for a time, or until somebody switches it on again. What is promised
// stays so, and when nobody wants it off any more the pair works together again.

import { between, oneOf } from '../../lib/lab/chance.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { ORIGIN } from '../../lib/server/service-switch.ts'
import type { Draw } from '../../lib/time/draw.ts'

/** Between two words, and for how long the service is off, milliseconds. */
const PAUSE_MAX = 60_000
const OFF_MAX = 30_000

export class ServiceOrders {
  readonly counts: Record<string, number> = {}
  readonly #lab: PairLab
  readonly #draw: Draw
  #isEnded = false

  constructor(lab: PairLab) {
    this.#lab = lab
    this.#draw = lab.world.draw('service-orders')
    this.#next()
  }

  end(): void {
    this.#isEnded = true
    for (const { server } of this.#lab.servers)
      for (const family of [4, 6] as const)
        for (const origin of server?.switches.origins(family) ?? [])
          server!.switches.enable(family, origin)
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 0, PAUSE_MAX), () => {
      if (this.#isEnded) return
      const server = this.#lab.server(this.#draw(2))
      if (server.isRunning) server.node.run(() => this.#switch(server))
      this.#next()
    })
  }

  #switch(server: VirtualServer): void {
    const { switches, plan } = server.server!
    const families = [plan.dhcp4 && 4, plan.dhcp6 && 6].filter((one) => one !== undefined)
    const family = oneOf(this.#draw, families) as 4 | 6
    const origin = oneOf(this.#draw, [ORIGIN.user, ORIGIN.remote])
    const time = between(this.#draw, 0, OFF_MAX)
    if (this.#draw(2) === 0) {
      this.#count('off for a time')
      switches.disable(family, origin, Math.ceil(time / 1000))
    } else {
      this.#count('off until on')
      switches.disable(family, origin, undefined)
      this.#lab.world.after(time, () => switches.enable(family, origin))
    }
    if (server.server!.pair?.storageWatch.isOff === true) this.#count('left for it')
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }
}
