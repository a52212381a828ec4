// Whether somebody has an address, asked by whatever this host may: by ARP where the address
// belongs to the link of the client, else by a ping. Sockets are opened when the first question
// comes. What is answered waits in the kernel until it is read.

import { type Ipv4, isNeighbour } from '../../address/ipv4.ts'
import type { Interface4 } from '../../ports/datagrams4.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Probe, ProbeAnswer } from '../../ports/probe.ts'
import { errnoName, loadLibc } from '../libc.ts'
import { ArpProbe } from './arp.ts'
import { EchoProbe } from './echo.ts'

interface Sockets {
  readonly arp: ArpProbe
  readonly echo: EchoProbe
}

export function openProbe(log: Log): Probe {
  return new SystemProbe(log)
}

class SystemProbe implements Probe {
  readonly #log: Log
  #sockets: Sockets | undefined
  #isUnavailable = false

  constructor(log: Log) {
    this.#log = log
  }

  ask(address: Ipv4, through: Interface4): boolean {
    const sockets = this.#open()
    if (sockets === undefined) return false
    const isNear = through.addresses.some((own) => isNeighbour(own, address))
    return (isNear && sockets.arp.ask(address, through)) || sockets.echo.ask(address)
  }

  answers(): readonly ProbeAnswer[] {
    const answers: ProbeAnswer[] = []
    this.#sockets?.arp.read(answers)
    this.#sockets?.echo.read(answers)
    return answers
  }

  close(): void {
    this.#sockets?.arp.close()
    this.#sockets?.echo.close()
    this.#sockets = undefined
    this.#isUnavailable = true
  }

  #open(): Sockets | undefined {
    if (this.#sockets !== undefined || this.#isUnavailable) return this.#sockets
    const libc = loadLibc()
    if (typeof libc === 'string') {
      this.#isUnavailable = true
      tell(this.#log, 'DHCP4_PING_CHECK_UNAVAILABLE', { trouble: libc })
      return undefined
    }
    this.#sockets = { arp: new ArpProbe(libc), echo: new EchoProbe(libc) }
    const { arp, echo } = this.#sockets
    const lacking = [
      ...(arp.fd < 0 ? [`ARP: ${errnoName(arp.fd)}`] : []),
      ...(echo.fd < 0 ? [`ping: ${errnoName(echo.fd)}`] : []),
    ]
    if (lacking.length > 0)
      tell(this.#log, 'DHCP4_PING_CHECK_UNAVAILABLE', { trouble: lacking.join(', ') })
    return this.#sockets
  }
}
