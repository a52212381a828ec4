// Writes replies: the fields of RFC 2131 table 3, the options that this reply alone has (the head),
// the block of the client's kind, option 82 at the end.

import { type Ipv4, maskOfLength } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { OptionSet } from '../config/plan/option-set.ts'
import type { BootFields, Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import { NO_BOOT_FIELDS } from '../config/plan/plan4.ts'
import { assignLate } from '../dhcp/client-classes.ts'
import { STEP } from '../dhcp/steps.ts'
import type { Seconds } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4, type MessageType4, type Query4 } from '../wire/v4/message.ts'
import { EMPTY_BLOCK4, type OptionBlock4 } from '../wire/v4/option-block.ts'
import { bootpSizeMax, type ReplyFields4, replySizeMax, writeReply4 } from '../wire/v4/writer.ts'
import { bootFieldsFor } from './boot-fields.ts'
import { configuredServerId } from './configured-server-ids.ts'
import {
  BROADCAST_FLAG,
  destinationOfInform,
  destinationOfLease,
  destinationOfNak,
} from './destination.ts'
import type { Exchange4 } from './exchange4.ts'
import { finished } from './finish-reply.ts'
import { rebindTimeFor, renewTimeFor } from './lifetimes.ts'
import { type ClientNames, sendsHostName } from './names.ts'
import { type Destination4, NOTHING_WANTED, type Outcome4, type ReplyOutcome4 } from './outcome4.ts'
import type { Place } from './place.ts'
import { requestedAddress, requestStateOf } from './request-state.ts'
import type { Selection } from './selection.ts'
import { serverIdFor } from './server-identifier.ts'

const NOTHING_GRANTED: Pick<ReplyOutcome4, 'changes' | 'action' | 'ended'> = {
  changes: [],
  action: undefined,
  ended: undefined,
}

/** An OFFER or the ACK to a REQUEST. */
export function replyWithLease(
  exchange: Exchange4,
  place: Place,
  type: MessageType4,
  address: Ipv4,
  lifetime: Seconds,
  names: ClientNames,
  granted = NOTHING_GRANTED,
): ReplyOutcome4 {
  const { subnet, reservation } = place
  exchange.place = place
  exchange.lease = address
  exchange.lifetime = lifetime
  const selection = select(exchange, optionsAt(subnet, address), reservation)
  startHead(exchange, subnet, type, selection.serverId)
  if (!exchange.isBootp) appendTimes(exchange, subnet, lifetime)
  if (selection.sendsMask) appendMask(exchange, subnet, selection)
  appendEchoes(exchange)
  const block = appendNames(exchange, selection, names)
  // RFC 2131 table 3: ciaddr is 0 in an OFFER.
  const ciaddr = type === MESSAGE_TYPE4.ack ? exchange.query.ciaddr : 0
  const fields = fieldsOf(
    exchange,
    ciaddr,
    address,
    bootFieldsFor(exchange, reservation, subnet.bootFields),
  )
  const destination = destinationOfLease(exchange, subnet, address)
  return write(exchange, type, fields, block, destination, granted, address)
}

/** The ACK to an INFORM: options only. RFC 2131 §4.3.5: no yiaddr, no lease times. */
export function replyToInform(exchange: Exchange4, subnet: Subnet4 | undefined): Outcome4 {
  const { query, plan } = exchange
  const reservation = subnet && exchange.reservationIn(subnet)
  if (subnet !== undefined) assignLate(exchange, subnet, reservation, subnet.poolOf(query.ciaddr))
  const options = subnet === undefined ? plan.options : optionsAt(subnet, query.ciaddr)
  const selection = select(exchange, options, reservation)
  startHead(exchange, subnet, MESSAGE_TYPE4.ack, selection.serverId)
  if (subnet !== undefined && selection.asksMask && selection.sendsMask)
    appendMask(exchange, subnet, selection)
  appendEchoes(exchange)
  const boot = bootFieldsFor(exchange, reservation, subnet?.bootFields ?? NO_BOOT_FIELDS)
  // Without ciaddr a relay has no address to place the reply by.
  const flags = query.ciaddr === 0 ? flagsToPlace(query) : query.flags
  const destination = destinationOfInform(exchange, subnet)
  // What goes straight to the client says nothing of a relay: nobody would take that out again.
  const isPastRelay = destination.address !== query.giaddr
  const giaddr = isPastRelay ? 0 : query.giaddr
  const fields = { ...fieldsOf(exchange, query.ciaddr, 0, boot), flags, giaddr }
  return write(exchange, MESSAGE_TYPE4.ack, fields, selection.block, destination, NOTHING_GRANTED)
}

/** A NAK with a message for people (option 56). */
export function replyNak(
  exchange: Exchange4,
  subnet: Subnet4 | undefined,
  message: string,
): Outcome4 {
  const { query, head } = exchange
  startHead(exchange, subnet, MESSAGE_TYPE4.nak, configuredIdFor(exchange, subnet))
  head.octets(OPTION4.message, message)
  appendEchoes(exchange)
  const fields = { ...fieldsOf(exchange, 0, 0, NO_BOOT_FIELDS), flags: flagsToPlace(query) }
  const destination = destinationOfNak(exchange, subnet)
  const address = requestedAddress(query, requestStateOf(query))
  const { nak } = MESSAGE_TYPE4
  return write(exchange, nak, fields, EMPTY_BLOCK4, destination, NOTHING_GRANTED, address, message)
}

/** RFC 2563 §2.2: an OFFER of no address. */
export function replyWithoutAddress(
  exchange: Exchange4,
  subnet: Subnet4,
  autoConfig: Octets,
): ReplyOutcome4 {
  const { query, head } = exchange
  const { offer } = MESSAGE_TYPE4
  startHead(exchange, subnet, offer, configuredIdFor(exchange, subnet))
  head.octets(OPTION4.autoConfig, autoConfig)
  appendEchoes(exchange)
  const fields = { ...fieldsOf(exchange, 0, 0, NO_BOOT_FIELDS), flags: flagsToPlace(query) }
  const destination = destinationOfNak(exchange, subnet)
  return write(exchange, offer, fields, EMPTY_BLOCK4, destination, NOTHING_GRANTED)
}

/** The server identifier that the client saw in the OFFER, where the configuration sets it. */
function configuredIdFor(exchange: Exchange4, subnet: Subnet4 | undefined): Ipv4 {
  if (subnet === undefined) return 0
  const { classes, replyOptions } = exchange
  const reservation = exchange.reservationIn(subnet)
  return configuredServerId(replyOptions.valuesFor(subnet.options, classes, reservation))
}

/** Options of pool, subnet, network and global level for a client with this address. */
function optionsAt(subnet: Subnet4, address: Ipv4): OptionSet {
  return subnet.poolOf(address)?.options ?? subnet.options
}

function select(
  exchange: Exchange4,
  options: OptionSet,
  reservation: Reservation4 | undefined,
): Selection {
  const { query, classes, replyOptions } = exchange
  exchange.options = options
  exchange.reservation = reservation
  return replyOptions.select(options, classes, reservation, query)
}

function startHead(
  exchange: Exchange4,
  subnet: Subnet4 | undefined,
  type: MessageType4,
  serverId: Ipv4,
): void {
  const { head } = exchange
  head.clear()
  // RFC 1534 §2: a BOOTP client gets no option of DHCP.
  if (exchange.isBootp) return
  head.uint8(OPTION4.messageType, type)
  head.uint32(OPTION4.serverIdentifier, serverIdFor(exchange, subnet, serverId))
}

function appendTimes({ head }: Exchange4, { timers }: Subnet4, lifetime: Seconds): void {
  head.uint32(OPTION4.leaseTime, lifetime)
  const rebindTime = rebindTimeFor(timers, lifetime)
  const renewTime = renewTimeFor(timers, lifetime, rebindTime)
  if (renewTime > 0) head.uint32(OPTION4.renewalTime, renewTime)
  if (rebindTime > 0) head.uint32(OPTION4.rebindingTime, rebindTime)
}

/** RFC 2132 §3.3: the mask goes before the routers, which are in the block. */
function appendMask({ head }: Exchange4, subnet: Subnet4, { mask }: Selection): void {
  head.uint32(OPTION4.subnetMask, mask !== 0 ? mask : maskOfLength(subnet.prefix.length))
}

/** What is returned as the client sent it. */
function appendEchoes({ flexId, head, isBootp, plan, query }: Exchange4): void {
  // Where something else took its place in the leases, the client gets its own back in any case.
  const isEchoed = plan.echoClientId || flexId?.replacesClientId === true
  if (isEchoed && !isBootp) {
    // RFC 6842 §3: the client identifier MUST be returned.
    const clientId = query.octets(OPTION4.clientIdentifier)
    if (clientId !== undefined && clientId !== '') head.octets(OPTION4.clientIdentifier, clientId)
  }
  if (!query.has(OPTION4.subnetSelection)) return
  // RFC 3011 §2: a server that supports the option MUST return it.
  const selected = query.octets(OPTION4.subnetSelection)!
  if (selected.length === 4) head.octets(OPTION4.subnetSelection, selected)
}

/** Puts options 12 and 81 into the head and returns the block that goes with them. */
function appendNames(
  { head, query }: Exchange4,
  selection: Selection,
  names: ClientNames,
): OptionBlock4 {
  if (names.option81 !== '') head.octets(OPTION4.fqdn, names.option81)
  if (!sendsHostName(names, query, selection.asksHostName, selection.hasHostName))
    return selection.block
  head.octets(OPTION4.hostName, names.option12)
  return selection.blockWithoutHostName
}

function fieldsOf(
  { query, isBootp }: Exchange4,
  ciaddr: Ipv4,
  yiaddr: Ipv4,
  boot: BootFields,
): ReplyFields4 {
  return {
    htype: query.htype,
    xid: query.xid,
    flags: query.flags,
    ciaddr,
    yiaddr,
    siaddr: boot.nextServer,
    giaddr: query.giaddr,
    hwAddress: query.hwAddress,
    sname: boot.serverHostname,
    file: boot.bootFileName,
    overloads: !isBootp,
  }
}

/** RFC 2131 §4.3.2: a reply without yiaddr goes to the client by broadcast of the relay. */
function flagsToPlace({ flags, giaddr }: Query4): number {
  return giaddr !== 0 ? flags | BROADCAST_FLAG : flags
}

/**
 * RFC 3046 §2.2: option 82 is returned as it came. The relay takes it out again, so that what goes
 * past the relay, the ACK to an INFORM, has none; nor has a reply to who came past it.
 */
function relayAgentFor(
  { query, isRecalled }: Exchange4,
  { address }: Destination4,
): Octets | undefined {
  if (isRecalled || (query.giaddr !== 0 && query.giaddr !== address)) return undefined
  return query.octets(OPTION4.relayAgentInformation) || undefined
}

function write(
  exchange: Exchange4,
  type: MessageType4,
  fields: ReplyFields4,
  block: OptionBlock4,
  destination: Destination4,
  { changes, action, ended }: typeof NOTHING_GRANTED,
  address: Ipv4 = 0,
  refusal = '',
): ReplyOutcome4 {
  const { query, out, outAt, head } = exchange
  const relayAgent = relayAgentFor(exchange, destination)
  const sizeMax = exchange.isBootp
    ? bootpSizeMax(query.size)
    : replySizeMax(query.uint(OPTION4.maxMessageSize))
  const { flexOptions, listens } = exchange
  let end: number
  if (flexOptions === undefined && (listens & STEP.reply) === 0)
    end = writeReply4(out, outAt, fields, head, block, relayAgent, sizeMax)
  else {
    const sent = finished(exchange, type, fields, head, block, relayAgent)
    head.clear()
    end = writeReply4(out, outAt, sent.fields, head, sent.block, sent.relayAgent, sizeMax)
  }
  // Written out: a spread costs more than all options of the head.
  return {
    kind: 'reply',
    type,
    length: end - outAt,
    destination,
    address,
    refusal,
    changes,
    action,
    ended,
    wanted: NOTHING_WANTED,
  }
}
