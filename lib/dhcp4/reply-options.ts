// The options of a reply that do not differ from reply to reply: which of a subnet's options a
// client gets for its parameter request list, encoded once and kept. Kept are also the sets that
// result from a reservation's options over those of a pool.

import type { Ipv4 } from '../address/ipv4.ts'
import { ipv4FromOctets } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import { ClassSet } from '../classify/class-set.ts'
import { OWNED_OPTIONS4 } from '../config/compile/owned-options.ts'
import {
  type OptionSet,
  type OptionValues,
  saysNothing,
  valuesOf,
} from '../config/plan/option-set.ts'
import type { Reservation4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { OptionBlock4 } from '../wire/v4/option-block.ts'
import { type EncodedOption4, encodeOption4, optionBlock4 } from '../wire/v4/option-block.ts'
import { configuredServerId } from './configured-server-ids.ts'

/** Most encoded selections kept: strangers choose their request lists. Then all are forgotten. */
export const SELECTIONS_MAX = 16_384

/** Longest request list whose selection is kept, octets; that of a real client has some dozens. */
const KEPT_LIST_MAX = 128

/** What one kind of client gets from one set of options. */
export interface Selection {
  readonly block: OptionBlock4
  /** The same without option 12, for a client whose name is reserved. */
  readonly blockWithoutHostName: OptionBlock4
  /** Whether the client asked for option 12. */
  readonly asksHostName: boolean
  /** Whether the set says something about option 12 itself. */
  readonly hasHostName: boolean
  /** Whether the client asked for option 1. */
  readonly asksMask: boolean
  /** False: option 1 is never sent. */
  readonly sendsMask: boolean
  /** The configured value of option 1, 0 = the subnet's own mask. */
  readonly mask: Ipv4
  /** The configured value of option 54, 0 = none. */
  readonly serverId: Ipv4
}

/** Sent when configured, asked for or not. */
const MANDATORY = [OPTION4.routers, OPTION4.domainNameServers, OPTION4.domainName] as const

/**
 * Codes that the head of a reply holds, that mean something only in queries, or that are no
 * options.
 */
const NOT_FROM_PLAN = new Set<number>([
  0,
  OPTION4.subnetMask,
  OPTION4.serverIdentifier,
  ...OWNED_OPTIONS4.keys(),
  255,
])

const NO_CLASSES = new ClassSet(0)

export class ReplyOptions {
  /** By request list within a set. */
  #selections = new Map<OptionValues, Map<Octets, Selection>>()
  #count = 0
  /** One set for each reservation: the one over the options it was last used with. */
  readonly #merged = new WeakMap<Reservation4, { base: OptionSet; set: OptionValues }>()

  /** What a client with this request list (option 55, '' = none) gets. */
  select(set: OptionValues, requestList: Octets): Selection {
    if (requestList.length > KEPT_LIST_MAX) return selectionOf(set, requestList)
    const known = this.#selections.get(set)?.get(requestList)
    return known ?? this.#remember(set, requestList, selectionOf(set, requestList))
  }

  /** The options of a reservation over those of pool, subnet and global level. */
  merge(base: OptionSet, reservation: Reservation4 | undefined): OptionValues {
    if (reservation === undefined || saysNothing(reservation.options)) return base
    const known = this.#merged.get(reservation)
    if (known !== undefined && known.base === base) return known.set
    const above = base.levels.map(({ level }) => level)
    const set = valuesOf([reservation.options, ...above.reverse()], NO_CLASSES)
    this.#merged.set(reservation, { base, set })
    return set
  }

  #remember(set: OptionValues, requestList: Octets, selection: Selection): Selection {
    if (this.#count >= SELECTIONS_MAX) {
      this.#selections = new Map()
      this.#count = 0
    }
    this.#count++
    const ofSet = this.#selections.get(set)
    if (ofSet === undefined) this.#selections.set(set, new Map([[requestList, selection]]))
    else ofSet.set(requestList, selection)
    return selection
  }
}

function selectionOf(set: OptionValues, requestList: Octets): Selection {
  const options: EncodedOption4[] = []
  for (const code of codesToSend(set, requestList)) {
    const value = set.values.get(code)
    if (value === undefined || value.neverSend || NOT_FROM_PLAN.has(code)) continue
    options.push(encodeOption4(code, value.data))
  }
  const block = optionBlock4(options)
  const others = options.filter(({ code }) => code !== OPTION4.hostName)
  const mask = set.values.get(OPTION4.subnetMask)
  return {
    block,
    blockWithoutHostName: others.length === options.length ? block : optionBlock4(others),
    asksHostName: asksFor(requestList, OPTION4.hostName),
    hasHostName: set.values.has(OPTION4.hostName),
    asksMask: asksFor(requestList, OPTION4.subnetMask) || mask?.alwaysSend === true,
    sendsMask: mask === undefined || !mask.neverSend,
    mask: ipv4FromOctets(mask?.data),
    serverId: configuredServerId(set),
  }
}

/**
 * RFC 2132 §9.8: the requested options in the client's order as far as possible. Behind them the
 * mandatory ones and those with always-send, in the order of their codes.
 */
function codesToSend(set: OptionValues, requestList: Octets): Set<number> {
  const codes = new Set<number>()
  for (let at = 0; at < requestList.length; at++) codes.add(requestList.charCodeAt(at))
  for (const code of MANDATORY) codes.add(code)
  const always = [...set.values.values()].filter(({ alwaysSend }) => alwaysSend)
  for (const { code } of always.sort((a, b) => a.code - b.code)) codes.add(code)
  return codes
}

function asksFor(requestList: Octets, code: number): boolean {
  return requestList.includes(String.fromCharCode(code))
}
