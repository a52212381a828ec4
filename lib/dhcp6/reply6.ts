// Writes replies (RFC 9915 §18.3.9, §18.3.10): identifiers, what is said of IAs in the order of the
// query, then all other options by their codes; around it what relays get back.

import type { Prefix6 } from '../address/prefix6.ts'
import type { OptionSet } from '../config/plan/option-set.ts'
import type { Reservation6 } from '../config/plan/plan6.ts'
import { assignLate } from '../dhcp/client-classes.ts'
import { STEP } from '../dhcp/steps.ts'
import type { Range } from '../leases/keys/key.ts'
import {
  MESSAGE_TYPE6,
  type MessageType6,
  OPTION6,
  STATUS6,
  type Status6,
} from '../wire/v6/codes.ts'
import type { OptionPair6 } from '../wire/v6/octets6.ts'
import type { Writer6 } from '../wire/v6/writer.ts'
import { destinationOf } from './destination6.ts'
import type { Exchange6 } from './exchange6.ts'
import { finished } from './finish-reply6.ts'
import { type IaAnswer6, NO_IAS } from './ia-answer6.ts'
import type { ClientNames6 } from './names6.ts'
import {
  type Done6,
  drop,
  type Kept6,
  NOBODY_UNSERVED6,
  NOTHING_DONE6,
  NOTHING_KEPT6,
  NOTHING_WANTED6,
  type Outcome6,
  type Unserved6,
} from './outcome6.ts'
import type { Place6, Places6 } from './place6.ts'
import { acceptsReconfigure, keyOption } from './reconfigure6.ts'
import { suppliedByRelays } from './relay-supplied.ts'
import type { Selection6 } from './selection6.ts'
import { writeOptions } from './write-options6.ts'

/** What UDP carries; what has no room where the reply is written is too long as well. */
const SIZE_MAX = 65_527

const { advertise: ADVERTISE, reply: REPLY } = MESSAGE_TYPE6

/** What an ADVERTISE, or a REPLY to what asks for leases, says. */
export interface LeaseReply6 {
  readonly type: typeof ADVERTISE | typeof REPLY
  /** It answers a SOLICIT at once (RFC 9915 §18.3.1). */
  readonly isRapid: boolean
  readonly ias: readonly IaAnswer6[]
  readonly names: ClientNames6
  readonly changes: readonly Done6[]
  readonly wanted: readonly Range<Prefix6>[]
  readonly unserved: readonly Unserved6[]
}

/** `places`: of the client; without a subnet there is none, and the global options count. */
export function replyWithLeases(
  exchange: Exchange6,
  places: Places6,
  reply: LeaseReply6,
): Outcome6 {
  const selection = selectFor(exchange, places, reply.ias)
  const extras = extrasOf(exchange, selection)
  if (reply.isRapid) extras.push([OPTION6.rapidCommit, ''])
  if (acceptsReconfigure(exchange)) extras.push(...reconfigureExtras(exchange))
  if (reply.names.option39 !== '') extras.push([OPTION6.fqdn, reply.names.option39])
  const { type, ias, changes, wanted, unserved } = reply
  const block = type === ADVERTISE ? selection.advertise : selection.reply
  const { status, text, kept } = NOTHING_SAID
  const said = { ias, block, extras, status, text, changes, wanted, unserved, kept }
  return write(exchange, type, said)
}

/** RFC 9915 §18.3.1, §18.3.2, §18.3.6: that it is accepted, and the key where it is new. */
function reconfigureExtras(exchange: Exchange6): OptionPair6[] {
  const key = keyOption(exchange)
  const accepted: OptionPair6 = [OPTION6.reconfigureAccept, '']
  return key === '' ? [accepted] : [accepted, [OPTION6.auth, key]]
}

/** The status of a whole REPLY. */
export interface StatusReply6 {
  readonly status: Status6
  /** ASCII, for people. */
  readonly text: string
}

/** To a RELEASE or DECLINE. */
export function replyWithStatus(
  exchange: Exchange6,
  { status, text }: StatusReply6,
  ias: readonly IaAnswer6[],
  changes: readonly Done6[],
  kept: readonly Kept6[],
): Outcome6 {
  return write(exchange, REPLY, { ...NOTHING_SAID, status, text, ias, changes, kept })
}

/** To a CONFIRM, with options as others have them. */
export function replyAboutLink(
  exchange: Exchange6,
  places: Places6,
  { status, text }: StatusReply6,
): Outcome6 {
  const selection = selectFor(exchange, places, NO_IAS)
  const extras = extrasOf(exchange, selection)
  const block = selection.reply
  return write(exchange, REPLY, { ...NOTHING_SAID, block, extras, status, text })
}

/** To an INFORMATION-REQUEST: options only. `canBeTold`: by a RECONFIGURE, to ask again. */
export function replyWithOptions(
  exchange: Exchange6,
  places: Places6,
  canBeTold: boolean,
): Outcome6 {
  const selection = selectFor(exchange, places, NO_IAS)
  const extras = extrasOf(exchange, selection)
  if (canBeTold) extras.push(...reconfigureExtras(exchange))
  return write(exchange, REPLY, { ...NOTHING_SAID, block: selection.information, extras })
}

/** To an ADDR-REG-INFORM (RFC 9686 §4.3): the address as it was registered. */
export function replyToRegistration(
  exchange: Exchange6,
  extras: OptionPair6[],
  changes: readonly Done6[],
): Outcome6 {
  const { addressRegistrationReply } = MESSAGE_TYPE6
  return write(exchange, addressRegistrationReply, { ...NOTHING_SAID, extras, changes })
}

interface Said {
  readonly ias: readonly IaAnswer6[]
  /** Options of the plan. */
  readonly block: Uint8Array
  /** Options of this reply alone, in any order. */
  readonly extras: OptionPair6[]
  readonly status: Status6 | undefined
  readonly text: string
  readonly changes: readonly Done6[]
  readonly wanted: readonly Range<Prefix6>[]
  readonly unserved: readonly Unserved6[]
  readonly kept: readonly Kept6[]
}

/** Of replies that have no options for the client. */
const NO_BLOCK = new Uint8Array(0)

const NOTHING_SAID: Said = {
  ias: NO_IAS,
  block: NO_BLOCK,
  extras: [],
  status: undefined,
  text: '',
  changes: NOTHING_DONE6,
  wanted: NOTHING_WANTED6,
  unserved: NOBODY_UNSERVED6,
  kept: NOTHING_KEPT6,
}

/** What the client gets of the options of the plan, where it has its leases. */
function selectFor(exchange: Exchange6, places: Places6, ias: readonly IaAnswer6[]): Selection6 {
  const pools: OptionSet[] = []
  let first: Place6 | undefined
  for (const { entries } of ias)
    for (const { key, place: own } of entries) {
      if (own === undefined) continue
      first ??= own
      const pool = own.subnet.poolOf(key) ?? own.subnet.pdPoolOf(key)
      assignLate(exchange, own.subnet, own.reservation, pool)
      if (pool !== undefined && !pools.includes(pool.options)) pools.push(pool.options)
    }
  const place = first ?? places[0]
  exchange.place = place
  if (place === undefined) return select(exchange, exchange.plan.options, undefined)
  if (first === undefined) assignLate(exchange, place.subnet, place.reservation, undefined)
  const options = exchange.poolOptions.over(place.subnet.options, pools)
  return select(exchange, options, place.reservation)
}

function select(
  exchange: Exchange6,
  options: OptionSet,
  reservation: Reservation6 | undefined,
): Selection6 {
  const { classes, query, replyOptions } = exchange
  exchange.options = options
  exchange.reservation = reservation
  return replyOptions.select(options, classes, reservation, query)
}

/** What the server has to say beside the plan. */
function extrasOf({ plan }: Exchange6, { asksRegistration }: Selection6): OptionPair6[] {
  return asksRegistration && plan.allowsRegistration ? [[OPTION6.addressRegistration, '']] : []
}

function write(exchange: Exchange6, type: MessageType6, said: Said): Outcome6 {
  const { out, outAt, query, serverId, writer } = exchange
  writer.begin(out, outAt, SIZE_MAX, type, query.xid, query.relays)
  if (query.clientId !== '') writer.option(OPTION6.clientId, query.clientId)
  writer.option(OPTION6.serverId, serverId)
  for (const ia of said.ias) writeIa(writer, ia)
  const { block, status, text } = said
  if (status !== undefined) writer.status(status, text)
  const extras = extrasWith(exchange, said)
  if (exchange.plan.flexOptions.length === 0 && (exchange.listens & STEP.reply) === 0)
    writeOptions(writer, block, extras)
  else writer.block(finished(exchange, type, block, extras))
  const end = writer.end()
  if (end < 0) return drop('reply-too-long')
  return {
    kind: 'reply',
    type,
    length: end - outAt,
    destination: destinationOf(exchange),
    refusal: status === undefined || status === STATUS6.success ? '' : text,
    ias: said.ias,
    changes: said.changes,
    wanted: said.wanted,
    unserved: said.unserved,
    kept: said.kept,
  }
}

function writeIa(writer: Writer6, { kind, iaid, t1, t2, status, text, entries }: IaAnswer6): void {
  writer.beginIa(kind, iaid, t1, t2)
  for (const { key, preferred, valid, excluded } of entries) {
    writer.beginEntry(kind, key, preferred, valid)
    if (excluded !== '') writer.option(OPTION6.pdExclude, excluded)
    writer.endEntry()
  }
  if (status !== STATUS6.success) writer.status(status, text)
  writer.endIa()
}

/** With what relays say in place of this server, which goes behind all else (RFC 6422 §6). */
function extrasWith(exchange: Exchange6, { block, extras }: Said): readonly OptionPair6[] {
  if (exchange.query.relays.length === 0 || block === NO_BLOCK) return extras
  const supplied = suppliedByRelays(exchange, block, extras)
  return supplied.length === 0 ? extras : [...extras, ...supplied]
}
