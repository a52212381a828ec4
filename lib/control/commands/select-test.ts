// subnet4-select-test and subnet6-select-test: which subnet a client would be in, found by the
// engine's own way of locating it. What is said becomes a message as such a client or relay would
// send it.

import { ipv4FromText } from '../../address/ipv4.ts'
import { ipv6FromText, UNSPECIFIED6 } from '../../address/ipv6.ts'
import { octetsFromUint } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ClassSet } from '../../classify/class-set.ts'
import { Exchange4 } from '../../dhcp4/exchange4.ts'
import { namedIdentity } from '../../dhcp4/identify.ts'
import { locateSubnet as locateSubnet4 } from '../../dhcp4/locate-subnet.ts'
import { ReplyOptions4 } from '../../dhcp4/reply-options.ts'
import { Exchange6 } from '../../dhcp6/exchange6.ts'
import { locateSubnet as locateSubnet6 } from '../../dhcp6/locate6.ts'
import { ReplyOptions6 } from '../../dhcp6/reply-options6.ts'
import { encodeMessage4, type OptionPair4 } from '../../wire/v4/builder.ts'
import { OPTION4, RELAY_AGENT4 } from '../../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../../wire/v4/message.ts'
import { decode4, Message4 } from '../../wire/v4/reader.ts'
import { encodeMessage6, encodeRelayForward } from '../../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../wire/v6/codes.ts'
import { decode6, Message6 } from '../../wire/v6/reader.ts'
import type { Answer, Command, ControlRoom, Schema } from '../command.ts'
import type { HostFace } from '../host-face.ts'
import { type Selecting4, type Selecting6, selecting4, selecting6 } from './select-words.ts'

const ADDRESS: Schema = { type: 'string' }
const CLASSES: Schema = {
  type: 'array',
  items: { type: 'string' },
  description: 'Classes that the client is in; no others count',
}
const INTERFACE: Schema = { type: 'string', description: 'Interface that the message came in by' }

export const SELECT_TEST: readonly Command[] = [
  {
    name: 'subnet4-select-test',
    access: 'read',
    library: 'built-in',
    personas: ['dhcp4'],
    summary: 'Tells which subnet a client of DHCPv4 would be in',
    parameters: {
      type: 'object',
      properties: {
        interface: INTERFACE,
        address: { ...ADDRESS, description: 'The address that the client has (ciaddr)' },
        relay: { ...ADDRESS, description: 'Address of the relay (giaddr)' },
        local: { ...ADDRESS, description: 'What the message was sent to' },
        remote: { ...ADDRESS, description: 'Where it came from' },
        link: { ...ADDRESS, description: 'Link selection of the relay (RFC 3527)' },
        subnet: { ...ADDRESS, description: 'Subnet selection of the client (RFC 3011)' },
        classes: CLASSES,
      },
    },
    run(asked, room, answer) {
      const { dhcp4 } = room.server.plan
      const found = dhcp4 && locate4(room, selecting4(asked.arguments))
      answer(selected(found))
    },
  },
  {
    name: 'subnet6-select-test',
    access: 'read',
    library: 'built-in',
    personas: ['dhcp6'],
    summary: 'Tells which subnet a client of DHCPv6 would be in',
    parameters: {
      type: 'object',
      properties: {
        interface: INTERFACE,
        'interface-id': { type: 'string', description: "The relay's, hexadecimal or 'quoted'" },
        remote: { ...ADDRESS, description: 'Where the message came from' },
        link: { ...ADDRESS, description: 'Link address of the first relay' },
        classes: CLASSES,
      },
    },
    run(asked, room, answer) {
      const { dhcp6 } = room.server.plan
      const found = dhcp6 && locate6(room, selecting6(asked.arguments))
      answer(selected(found))
    },
  },
]

interface Found {
  readonly id: number
  readonly text: string
  readonly network: { readonly name: string } | undefined
}

function selected(found: Found | undefined): Answer {
  if (found === undefined) return { result: 3, text: 'no subnet selected' }
  const { id, network, text } = found
  const what = network === undefined ? '' : `shared network '${network.name}' starting with `
  return { result: 0, text: `selected ${what}subnet '${text}' id ${id}` }
}

function never(): never {
  throw new Error('nothing is given here')
}

// ---- DHCPv4

function locate4({ server, host }: ControlRoom, selecting: Selecting4): Found | undefined {
  const plan = server.plan.dhcp4!
  const query = query4(selecting)
  const settings = { draw: never, nextChange: never, serverPort: 67 }
  const options = new ReplyOptions4()
  const exchange = new Exchange4(plan, server.tables.v4, settings, options, new Set())
  const { address, remote, local, name } = selecting
  const link = { name, addresses: addressesOf(host, name, ipv4FromText, 32) }
  // Who has an address and no relay asks from it.
  const arrival = { link, address: remote || address, port: 68, to: local }
  exchange.begin(
    {
      ...{ query, client: namedIdentity(query), owner: 0, arrival, now: server.now() },
      heard: undefined,
    },
    new Uint8Array(0),
    0,
  )
  setClasses(exchange.classes, selecting.classes, plan.classes.numberOf)
  return locateSubnet4(exchange)
}

function query4({ address, relay, link, subnet }: Selecting4): Message4 {
  // A DISCOVER has no address yet, and where it came from says nothing of it.
  const type = MESSAGE_TYPE4.request
  const options: OptionPair4[] = [[OPTION4.messageType, String.fromCharCode(type)]]
  if (subnet !== 0) options.push([OPTION4.subnetSelection, octetsFromUint(subnet, 4)])
  if (link !== 0)
    options.push([
      OPTION4.relayAgentInformation,
      String.fromCharCode(RELAY_AGENT4.linkSelection, 4) + octetsFromUint(link, 4),
    ])
  const bytes = encodeMessage4({ ciaddr: address, giaddr: relay, hwAddress: NOBODY }, options)
  const query = new Message4()
  decode4(query, bytes, 0, bytes.length, 'strict')
  return query
}

const NOBODY: Octets = '\0\0\0\0\0\0'

// ---- DHCPv6

function locate6({ server, host }: ControlRoom, selecting: Selecting6): Found | undefined {
  const plan = server.plan.dhcp6!
  const serverIds = { own: '', accepted: () => false }
  const settings = { draw: never, nextChange: never, serverIds }
  const exchange = new Exchange6(plan, server.tables.v6, settings, new ReplyOptions6())
  const { name, remote } = selecting
  const addresses = addressesOf(host, name, ipv6FromText, 128)
  const link = { name, index: 0, linkLocal: '', addresses }
  const arrival = { link, address: remote || UNSPECIFIED6, port: 546, to: '' }
  const asked = { query: query6(selecting), owner: 0, arrival, now: server.now() }
  exchange.begin(asked, new Uint8Array(0), 0)
  setClasses(exchange.classes, selecting.classes, plan.classes.numberOf)
  return locateSubnet6(exchange)
}

function query6({ interfaceId, link }: Selecting6): Message6 {
  const solicit = encodeMessage6(MESSAGE_TYPE6.solicit, 0, [[OPTION6.clientId, NOBODY]])
  const options = interfaceId === '' ? [] : ([[OPTION6.interfaceId, interfaceId]] as const)
  const linkAddress = link === '' ? {} : { linkAddress: link }
  const isRelayed = link !== '' || interfaceId !== ''
  const bytes = isRelayed ? encodeRelayForward(solicit, { ...linkAddress, options }) : solicit
  const query = new Message6()
  decode6(query, bytes, 0, bytes.length)
  return query
}

// ---- both

/** Those of the family, as far as this machine has the interface. */
function addressesOf<Address>(
  host: HostFace,
  name: string,
  fromText: (text: string) => Address | undefined,
  length: number,
): readonly { readonly address: Address; readonly length: number }[] {
  const found = host.interfaces().find((one) => one.name === name)
  return (found?.addresses ?? []).flatMap((text) => {
    const address = fromText(text)
    return address === undefined ? [] : [{ address, length }]
  })
}

function setClasses(
  set: ClassSet,
  names: readonly string[],
  numberOf: (name: string) => number | undefined,
): void {
  set.clear()
  for (const name of names) {
    const number = numberOf(name)
    // What nothing names admits nobody anywhere.
    if (number !== undefined) set.add(number)
  }
}
