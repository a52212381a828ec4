// Reservations are added, changed and deleted: edits of the document, at both servers of a pair.

import { ipv4FromText, prefixContains, prefixFromText } from '../../../address/ipv4.ts'
import { isInside, prefix6FromText } from '../../../address/prefix6.ts'
import { hexFromOctets } from '../../../bytes/octets.ts'
import { identifierFromText } from '../../../config/compile/reservation-identity.ts'
import type { Step } from '../../../config/edits.ts'
import type { ConfigDocument } from '../../../config/keys/document.ts'
import { isMap, type Members } from '../../../config/text/map.ts'
import { type Arguments, isInteger, mapOf } from '../../arguments.ts'
import type { Answer, Asked, Command, Schema } from '../../command.ts'
import { SERVERS } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import { editBy, type Wanted } from './edit-command.ts'
import {
  addressesOf,
  among,
  byAddress,
  byIdentifier,
  checkedId,
  type HostList,
  type HostTest,
  hostList,
  IDENTIFIERS,
  indexingHosts,
  subnetIdOf,
  wantedHost,
} from './host-find.ts'
import { familyOf, Places } from './places.ts'
import { changeEach, selectorOf, storedHost, targetsOf } from './stored-hosts.ts'

const TARGET: Schema = {
  type: 'string',
  enum: ['memory', 'primary', 'database', 'alternate', 'all', 'default'],
  description:
    'memory: the configuration; database: those of hosts-databases. Without any there is one place',
}

const RESERVATION: Schema = {
  type: 'object',
  description: 'As in the configuration, with subnet-id: 0 for the global list',
}

export const SELECTORS: Readonly<Record<string, Schema>> = {
  'subnet-id': { type: 'integer', minimum: 0, description: '0: the global list' },
  'ip-address': { type: 'string', description: 'The address, instead of an identifier' },
  'identifier-type': { type: 'string', enum: IDENTIFIERS },
  identifier: { type: 'string', description: 'Hexadecimal, or text in single quotes' },
  'operation-target': TARGET,
}

export const ADD: Command = {
  name: 'reservation-add',
  access: 'write',
  library: 'host_cmds',
  personas: SERVERS,
  summary: 'Adds a reservation',
  parameters: {
    type: 'object',
    properties: { reservation: RESERVATION, 'operation-target': TARGET },
    required: ['reservation'],
  },
  run(asked, room, answer) {
    const family = familyOf(asked.persona)
    const { books, memory } = targetsOf(mapOf(asked), room, family, 'database')
    const edit = () => {
      const want = (document: ConfigDocument) => added(asked, document, room.configuration)
      editBy(asked, room, answer, want, hostsAtHand(asked))
    }
    if (books.length === 0) return edit()
    const { document } = room.configuration
    const places = new Places(document, family)
    const { host, list, isGlobal } = meant(mapOf(asked), places)
    const isUnique = places.map['ip-reservations-unique'] !== false
    const stored = storedHost(host, list, family, document, room)
    const change = { kind: 'add', subnetId: list.subnetId, host: stored, isUnique } as const
    changeEach(books, change, room, answer, () => {
      if (memory) edit()
      else answer({ result: 0, text: addedText(isGlobal) })
    })
  },
}

function addedText(isGlobal: boolean): string {
  return isGlobal
    ? 'Host added. subnet-id not specified, assumed global (subnet-id 0).'
    : 'Host added.'
}

type Brought = { isFromPartner(path: readonly Step[], value: unknown): boolean }

function added(asked: Asked, document: ConfigDocument, configuration: Brought): Wanted {
  const places = new Places(document, familyOf(asked.persona))
  const given = mapOf(asked)
  const { host, list, isGlobal } = meant(given, places)
  const step = stepOf(host)
  const path = [...list.path, step]
  const done: Answer = { result: 0, text: addedText(isGlobal) }
  // Who tells both servers of a pair may do so: the other one has told this one.
  if (configuration.isFromPartner(path, host)) return { edits: [], answer: done }
  refuseDuplicate(given, host, list, places)
  return { edits: [{ path, value: host }], answer: done }
}

export const UPDATE: Command = {
  name: 'reservation-update',
  access: 'write',
  library: 'host_cmds',
  personas: SERVERS,
  summary: 'Puts a reservation in the place of that of the same client in the same subnet',
  parameters: {
    type: 'object',
    properties: { reservation: RESERVATION, 'operation-target': TARGET },
    required: ['reservation'],
  },
  run(asked, room, answer) {
    const family = familyOf(asked.persona)
    const { books, memory } = targetsOf(mapOf(asked), room, family, 'database')
    const edit = () => {
      const want = (document: ConfigDocument) => updated(asked, document)
      editBy(asked, room, answer, want, hostsAtHand(asked))
    }
    if (books.length === 0) return edit()
    const { document } = room.configuration
    const { host, list, isGlobal } = meant(mapOf(asked), new Places(document, family))
    if (isGlobal) throw new CommandRefused("Mandatory 'subnet-id' parameter missing.")
    const stored = storedHost(host, list, family, document, room)
    const change = { kind: 'update', subnetId: list.subnetId, host: stored } as const
    changeEach(books, change, room, answer, (results) => {
      if (memory) edit()
      else if (results.includes('done')) answer({ result: 0, text: 'Host updated.' })
      else throw new CommandRefused('Host not updated (not found).')
    })
  },
}

function updated(asked: Asked, document: ConfigDocument): Wanted {
  const places = new Places(document, familyOf(asked.persona))
  const { host, list, isGlobal } = meant(mapOf(asked), places)
  if (isGlobal) throw new CommandRefused("Mandatory 'subnet-id' parameter missing.")
  const step = stepOf(host)
  if (among(list.hosts, byStep(step)).length === 0)
    throw new CommandRefused('Host not updated (not found).')
  return {
    edits: [{ path: [...list.path, step], value: host }],
    answer: { result: 0, text: 'Host updated.' },
  }
}

export const DEL: Command = {
  name: 'reservation-del',
  access: 'write',
  library: 'host_cmds',
  personas: SERVERS,
  summary: 'Deletes a reservation; leases stay',
  parameters: { type: 'object', properties: SELECTORS, required: ['subnet-id'] },
  run(asked, room, answer) {
    const family = familyOf(asked.persona)
    const given = mapOf(asked)
    const { books, memory } = targetsOf(given, room, family, 'database')
    const edit = () => {
      const want = (document: ConfigDocument) => deleted(asked, document, room.configuration)
      editBy(asked, room, answer, want, hostsAtHand(asked))
    }
    if (books.length === 0) return edit()
    const subnetId = subnetIdOf(given, "missing parameter 'subnet-id'")
    wantedHost(given, family.version)
    const selector = { subnetId, ...selectorOf(given, family.version) }
    changeEach(books, { kind: 'delete', selector }, room, answer, (results) => {
      if (results.includes('done')) answer({ result: 0, text: 'Host deleted.' })
      else if (memory) edit()
      else answer({ result: 3, text: 'Host not deleted (not found).' })
    })
  },
}

function deleted(asked: Asked, document: ConfigDocument, configuration: Brought): Wanted {
  const family = familyOf(asked.persona)
  const places = new Places(document, family)
  const given = mapOf(asked)
  const id = subnetIdOf(given, "missing parameter 'subnet-id'")
  const isIt = wantedHost(given, family.version)
  const list = knownList(places, id)
  const [host] = among(list.hosts, isIt)
  const done: Answer = { result: 0, text: 'Host deleted.' }
  if (host !== undefined)
    return { edits: [{ path: [...list.path, stepOf(host)], value: undefined }], answer: done }
  const text = String(given.identifier ?? '')
  const type = String(given['identifier-type'] ?? '')
  const gone = [...list.path, { [type]: text }]
  if (type !== '' && configuration.isFromPartner(gone, undefined))
    return { edits: [], answer: done }
  return { edits: [], answer: { result: 3, text: 'Host not deleted (not found).' } }
}

/** The subnet and the list that are meant, where they are: what is wrong is told later. */
function hostsAtHand(asked: Asked) {
  const { reservation = mapOf(asked) } = mapOf(asked)
  const id = isMap(reservation) ? reservation['subnet-id'] : undefined
  const subnetId = isInteger(id) ? Number(id) : 0
  return (document: ConfigDocument) =>
    indexingHosts(new Places(document, familyOf(asked.persona)), subnetId)
}

interface Meant {
  /** Without the keys that are the command's. */
  readonly host: Members
  readonly list: HostList
  readonly isGlobal: boolean
}

function meant(given: Arguments, places: Places): Meant {
  const { reservation } = given
  if (reservation === undefined) throw new CommandRefused('reservation must be specified')
  if (!isMap(reservation))
    throw new CommandRefused("invalid type specified for parameter 'reservation'")
  const { 'subnet-id': id, 'operation-target': _, ...host } = reservation
  if (id !== undefined) {
    const list = knownList(places, checkedId(id))
    checkPlace(host, list, places)
    return { host, list, isGlobal: false }
  }
  if (addressesOf(host).length > 0) throw new CommandRefused(missingId(host, places))
  return { host, list: hostList(places, 0)!, isGlobal: true }
}

export function knownList(places: Places, id: number): HostList {
  const list = hostList(places, id)
  if (list !== undefined) return list
  throw new CommandRefused(`${places.family.ip} subnet with ID of '${id}' is not configured`)
}

/** With the subnet that the address belongs to. */
function missingId(host: Members, places: Places): string {
  const [address] = addressesOf(host)
  const at = places.find(({ subnet }) => isWithin(places.family.version, address!, subnet.subnet))
  const hint =
    at === undefined ? '' : ` Perhaps subnet ${at.subnet.id} (${at.subnet.subnet}) is meant.`
  return `Mandatory 'subnet-id' parameter missing.${hint}`
}

function checkPlace(host: Members, { subnetId }: HostList, places: Places): void {
  const at = subnetId === 0 ? undefined : places.withId(subnetId)
  if (at === undefined) return
  const { version, ip } = places.family
  const addresses =
    version === 4 ? addressesOf(host) : addressesOf({ 'ip-addresses': host['ip-addresses'] })
  for (const address of addresses)
    if (isKnown(version, address) && !isWithin(version, address, at.subnet.subnet))
      throw new CommandRefused(
        `specified reservation '${address}' is not matching the ${ip} subnet prefix '${at.subnet.subnet}'`,
      )
}

/** What is no address is told by the keys. */
function isKnown(version: 4 | 6, text: string): boolean {
  return version === 4
    ? ipv4FromText(text) !== undefined
    : prefix6FromText(`${text}/128`) !== undefined
}

function isWithin(version: 4 | 6, address: string, subnet: string): boolean {
  if (version === 4) {
    const [prefix, one] = [prefixFromText(subnet.trim()), ipv4FromText(address)]
    return prefix !== undefined && one !== undefined && prefixContains(prefix, one)
  }
  const [outer, inner] = [prefix6FromText(subnet.trim()), prefix6FromText(`${address}/128`)]
  return outer !== undefined && inner !== undefined && isInside(inner, outer)
}

/** By which the host is edited: its identifier, or its address where it has several. */
export function stepOf(host: Members): Exclude<Step, string | number> {
  for (const kind of [...IDENTIFIERS, 'ip-address', 'hostname']) {
    const text = host[kind]
    if (typeof text === 'string' && text !== '') return { [kind]: text }
  }
  throw new CommandRefused(
    `one of the supported identifiers must be specified for host reservation: ${[...IDENTIFIERS].sort().join(', ')}`,
  )
}

function byStep(step: Exclude<Step, string | number>): HostTest {
  const [[kind, text]] = Object.entries(step) as [[string, string]]
  const identifier = IDENTIFIERS.find((one) => one === kind)
  const octets = identifierFromText(text)
  if (identifier === undefined || octets === undefined)
    return { isIt: (host) => host[kind] === text, name: undefined }
  return byIdentifier(identifier, octets)
}

/** In Kea's words, which name the place that was meant. */
function refuseDuplicate(given: Arguments, host: Members, list: HostList, places: Places): void {
  const isInMemory = given['operation-target'] === 'memory'
  const refuse = (what: string) => {
    throw new CommandRefused(
      isInMemory ? `failed to add new host ${what}` : 'Database duplicate entry error',
    )
  }
  const { version, ip } = places.family
  const who = `using the ${identityWords(host)} to the ${ip} subnet id '${list.subnetId}'`
  if (among(list.hosts, byStep(stepOf(host))).length > 0)
    refuse(`${who} as this host has already been added`)
  if (places.map['ip-reservations-unique'] === false) return
  for (const address of addressesOf(host))
    if (among(list.hosts, byAddress(version, address)).length > 0)
      refuse(`${who} for the address ${address}: There's already a reservation for this address`)
}

function identityWords(host: Members): string {
  const [kind, text] = Object.entries(stepOf(host))[0]!
  const octets = identifierFromText(String(text))
  const hex = octets === undefined ? String(text) : hexFromOctets(octets, ':')
  return kind === 'hw-address' ? `HW address '${hex}'` : `${kind.toUpperCase()} '${hex}'`
}
