// What holds for every reply, whatever was asked: it is well-formed, fits the client, belongs to
// its query and goes where RFC 2131 §4.1 says.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { Plan4 } from '../../lib/config/plan/plan4.ts'
import { decodeFqdn } from '../../lib/dhcp4/fqdn.ts'
import type { Interface4, Reply4 } from '../../lib/ports/datagrams4.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { Violation } from './violation.ts'

/** What is remembered of a query until its reply leaves. */
export interface Asked {
  readonly xid: number
  readonly type: number
  readonly htype: number
  readonly hwAddress: Octets
  readonly clientId: Octets
  readonly flags: number
  readonly ciaddr: Ipv4
  readonly giaddr: Ipv4
  /** Option 82 as it came. */
  readonly relayAgent: Octets | undefined
  /** Sub-option 82.11, 0 = none. */
  readonly serverIdOverride: Ipv4
  /** Option 57. */
  readonly sizeMax: number | undefined
  /** Bytes that the echoes of names and identifiers may take at most. */
  readonly echoSize: number
  readonly link: Interface4
  readonly source: Ipv4
  readonly port: number
  /** Lease clock. */
  readonly at: number
}

export function askedBy(
  query: Message4,
  link: Interface4,
  source: Ipv4,
  port: number,
  at: number,
): Asked {
  const clientId = query.octets(61) ?? ''
  const override = query.subOption(82, 11)
  return {
    xid: query.xid,
    type: query.type,
    htype: query.htype,
    hwAddress: query.hwAddress,
    clientId,
    flags: query.flags,
    ciaddr: query.ciaddr,
    giaddr: query.giaddr,
    relayAgent: query.octets(82),
    serverIdOverride: override?.length === 4 ? uint32(override) : 0,
    sizeMax: query.uint(57),
    echoSize: clientId.length + 2 + (query.octets(81)?.length ?? 0) + 260,
    link,
    source,
    port,
    at,
  }
}

const ANSWERS: Record<number, readonly number[]> = {
  [MESSAGE_TYPE4.discover]: [MESSAGE_TYPE4.offer],
  [MESSAGE_TYPE4.request]: [MESSAGE_TYPE4.ack, MESSAGE_TYPE4.nak],
  [MESSAGE_TYPE4.inform]: [MESSAGE_TYPE4.ack],
}

/** Header, message type, server identifier, times and mask. */
const HEAD_SIZE = 240 + 3 + 6 * 5 + 6

export class ReplyJudge {
  readonly #message = new Message4()
  readonly #configuredIds = new Set<Ipv4>()

  constructor(plan: Plan4) {
    for (const { options, pools } of plan.subnets)
      for (const set of [plan.options, options, ...pools.map((pool) => pool.options)]) {
        const id = set.values.get(54)?.data
        if (id !== undefined) this.#configuredIds.add(uint32(id))
      }
  }

  /** The reply decoded, strictly. */
  read({ bytes, start, end }: Reply4): Message4 {
    const message = this.#message
    const trouble = decode4(message, bytes, start, end, 'strict')
    if (trouble !== undefined) throw new Violation(`the reply does not decode: ${trouble}`)
    if (message.op !== 2) throw new Violation(`op ${message.op}`)
    return message
  }

  judge(reply: Reply4, message: Message4, asked: Asked): void {
    if (!ANSWERS[asked.type]?.includes(message.type))
      throw new Violation(`type ${asked.type} was answered with ${message.type}`)
    const giaddr = isPastRelay(asked) ? 0 : asked.giaddr
    if (message.giaddr !== giaddr) throw new Violation('giaddr is not that of the query')
    if (message.hwAddress !== asked.hwAddress) throw new Violation('chaddr is not the client’s')
    if (message.htype !== asked.htype) throw new Violation('htype is not the client’s')
    if (reply.through !== asked.link) throw new Violation('the reply leaves by another link')
    this.#judgeSize(reply, asked)
    this.#judgeServerId(message, asked)
    judgeEnd(reply, message)
    judgeRelayAgent(message, asked)
    judgeNames(message)
    judgeDestination(reply, message, asked)
  }

  #judgeSize({ start, end }: Reply4, { sizeMax }: Asked): void {
    const wished = sizeMax === undefined ? 548 : Math.min(Math.max(sizeMax - 28, 548), 1472)
    if (end - start > wished || end - start < 300)
      throw new Violation(`a reply of ${end - start} bytes where ${wished} are possible`)
  }

  #judgeServerId(message: Message4, { serverIdOverride, link }: Asked): void {
    const id = message.uint(54)
    if (id === undefined) throw new Violation('no server identifier')
    const isOurs =
      this.#configuredIds.has(id) || link.addresses.some(({ address }) => address === id)
    if (serverIdOverride === 0 ? !isOurs : id !== serverIdOverride)
      throw new Violation(`server identifier ${id.toString(16)}`)
  }
}

/** Behind END stand only zeros (RFC 2131 §4.1: the last option is END). */
function judgeEnd({ bytes, start, end }: Reply4, message: Message4): void {
  let at = start + 240
  const seen = new Set<number>()
  let last = 0
  while (at < end && bytes[at] !== 255) {
    const code = bytes[at]!
    if (code === 0) throw new Violation('PAD between options')
    if (seen.has(code) && last !== code) throw new Violation(`option ${code} stands twice`)
    seen.add(code)
    last = code
    at += 2 + bytes[at + 1]!
  }
  if (at >= end) throw new Violation('no END')
  for (at++; at < end; at++) if (bytes[at] !== 0) throw new Violation('garbage behind END')
  if (!seen.has(53) || !seen.has(54)) throw new Violation('53 or 54 is not in the main field')
  if (message.has(82) && last !== 82) throw new Violation('option 82 is not the last one')
}

/** RFC 2131 §4.3.5: the ACK to an INFORM goes straight to the client that names its address. */
function isPastRelay({ type, ciaddr, giaddr }: Asked): boolean {
  return type === MESSAGE_TYPE4.inform && giaddr !== 0 && ciaddr !== 0 && ciaddr !== giaddr
}

/**
 * RFC 3046 §2.2: unchanged; left out where it finds no room or says nothing, and from what no relay
 * takes it out of.
 */
function judgeRelayAgent(message: Message4, asked: Asked): void {
  const sent = message.octets(82)
  const expected = isPastRelay(asked) ? undefined : asked.relayAgent || undefined
  if (sent === expected) return
  if (sent !== undefined) throw new Violation('option 82 is not as it came')
  const size = asked.relayAgent!.length + 2 * Math.ceil(asked.relayAgent!.length / 255)
  if (HEAD_SIZE + asked.echoSize + size < 548)
    throw new Violation(`option 82 of ${size} bytes is left out`)
}

/** RFC 1035 §2.3.4; option 81 has whole names only. */
function judgeNames(message: Message4): void {
  const names = [message.octets(12)]
  const fqdn = message.octets(81)
  if (fqdn !== undefined) {
    const { name, complete } = decodeFqdn(fqdn) ?? { name: '', complete: false }
    if (!complete) throw new Violation('option 81 is no whole name')
    names.push(name)
  }
  for (const name of names)
    if (name !== undefined && !/^(?=.{1,254}$)([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}\.?$/.test(name))
      throw new Violation(`'${name}' is no name`)
}

function judgeDestination(reply: Reply4, message: Message4, asked: Asked): void {
  const { address, hwAddress, port } = reply
  const isInform = asked.type === MESSAGE_TYPE4.inform
  if (address === 0) throw new Violation('the reply goes to 0.0.0.0')
  if (asked.giaddr !== 0 && !(isInform && asked.ciaddr !== 0)) {
    if (address !== asked.giaddr) throw new Violation('the reply does not go to the relay')
    if (port !== 67 && port !== asked.port) throw new Violation(`a relay hears on port ${port}?`)
    return
  }
  if (port !== 68) throw new Violation(`a client hears on port ${port}?`)
  if (message.type === MESSAGE_TYPE4.nak && address !== 0xffffffff)
    throw new Violation('a NAK is not broadcast')
  if (hwAddress === '') return
  if (asked.htype !== 1 || hwAddress !== asked.hwAddress || hwAddress.length !== 6)
    throw new Violation('a frame to no Ethernet address')
  if ((asked.flags & 0x8000) !== 0) throw new Violation('the client asked for broadcast')
}

export function uint32(octets: Octets): number {
  let value = 0
  for (let at = 0; at < 4; at++) value = value * 256 + octets.charCodeAt(at)
  return value
}
