// Whether the kernel has a route to an address, by a given device or at all: RTM_GETROUTE of
// rtnetlink.
//
// A socket that is bound to a device does not tell: where no route of the device fits, the kernel
// takes the address for a neighbour, asks by ARP for it, and nobody answers. RTM_F_FIB_MATCH asks
// for the entry of the routing table itself. Policy rules and VRFs count as they do for the
// replies.

import type { Ipv4 } from '../../address/ipv4.ts'
import { writeIpv4 } from '../../address/ipv4.ts'
import { AF_INET, AF_NETLINK, type Libc, NETLINK_ROUTE, SOCK_RAW } from '../libc.ts'
import { MessageVector } from './message-vector.ts'

const RTM_NEWROUTE = 24
const RTM_GETROUTE = 26
const NLM_F_REQUEST = 1
const RTM_F_FIB_MATCH = 0x2000
const RTA_DST = 1
const RTA_OIF = 4

/** nlmsghdr, rtmsg, RTA_DST, RTA_OIF. */
const REQUEST_SIZE = 16 + 12 + 8 + 8
const ANSWER_MAX = 4096

/** Addresses whose answer is kept until `forget`. */
const KNOWN_MAX = 4096

export class Routes4 {
  readonly #libc: Libc
  readonly #fd: number
  readonly #request: MessageVector
  readonly #answer: MessageVector
  readonly #view: DataView
  readonly #known = new Map<number, boolean>()
  #sequence = 0

  /** Needs no rights. */
  constructor(libc: Libc) {
    this.#libc = libc
    this.#fd = libc.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    this.#request = new MessageVector(libc, 1, REQUEST_SIZE, 0)
    this.#answer = new MessageVector(libc, 1, ANSWER_MAX, 0)
    this.#view = new DataView(this.#request.slab.buffer)
    this.#request.setLength(0, REQUEST_SIZE)
  }

  /**
   * Whether a route leads to the address by the device with this index, or by any for index 0.
   * `true` where that cannot be learned: then the kernel must know.
   */
  leadsTo(address: Ipv4, index: number): boolean {
    const key = index * 2 ** 32 + address
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const leads = this.#ask(address, index)
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(key, leads)
    return leads
  }

  /** Routes may have changed. */
  forget(): void {
    this.#known.clear()
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd)
  }

  #ask(address: Ipv4, index: number): boolean {
    if (this.#fd < 0) return true
    this.#write(address, index)
    if (this.#libc.sendMany(this.#fd, this.#request.addressOf(0), 1) !== 1) return true
    // The kernel answers within the call; an answer to a former question is passed over.
    for (;;) {
      if (this.#libc.receiveMany(this.#fd, this.#answer.addressOf(0), 1) !== 1) return true
      const view = new DataView(this.#answer.slab.buffer)
      if (view.getUint32(8, true) === this.#sequence)
        return view.getUint16(4, true) === RTM_NEWROUTE
    }
  }

  #write(address: Ipv4, index: number): void {
    const view = this.#view
    this.#sequence = (this.#sequence + 1) >>> 0
    // Without a device the last attribute is left out.
    const size = index === 0 ? REQUEST_SIZE - 8 : REQUEST_SIZE
    this.#request.setLength(0, size)
    view.setUint32(0, size, true)
    view.setUint16(4, RTM_GETROUTE, true)
    view.setUint16(6, NLM_F_REQUEST, true)
    view.setUint32(8, this.#sequence, true)
    view.setUint8(16, AF_INET)
    view.setUint8(17, 32)
    view.setUint32(24, RTM_F_FIB_MATCH, true)
    view.setUint16(28, 8, true)
    view.setUint16(30, RTA_DST, true)
    writeIpv4(this.#request.slab, 32, address)
    view.setUint16(36, 8, true)
    view.setUint16(38, RTA_OIF, true)
    view.setUint32(40, index, true)
  }
}
