// Where the clients of a subnet or a shared network are: on an interface, or behind relays.

import { type Ipv4, ipv4FromText } from '../../address/ipv4.ts'
import { type Ipv6, ipv6FromText, UNSPECIFIED6 } from '../../address/ipv6.ts'
import type { PlaceDocument } from '../keys/common-document.ts'
import type { Site } from '../text/site.ts'

/** The interfaces that are served. */
interface ServedInterfaces {
  readonly all: boolean
  readonly named: readonly { readonly name: string }[]
}

/** '' where none is named. */
export function compileInterface(
  document: PlaceDocument,
  { all, named }: ServedInterfaces,
  site: Site,
): string {
  const name = document.interface ?? ''
  if (name !== '' && !all && !named.some((served) => served.name === name)) {
    const message = `interface ${name} is not served`
    const hint = 'name it in interfaces-config.interfaces'
    site.at('interface').warning('interface-not-served', message, hint)
  }
  return name
}

/** How relays are written in a family. */
export interface RelayForm<A> {
  fromText(text: string): A | undefined
  readonly example: string
  /** The address that Kea writes where there is none. */
  readonly none: A
}

export const RELAYS4: RelayForm<Ipv4> = { fromText: ipv4FromText, example: '192.0.2.1', none: 0 }

export const RELAYS6: RelayForm<Ipv6> = {
  fromText: ipv6FromText,
  example: '2001:db8::1',
  none: UNSPECIFIED6,
}

/** Undefined where none is named. */
export function compileRelayAddresses<A>(
  document: PlaceDocument,
  { fromText, example, none }: RelayForm<A>,
  site: Site,
): readonly A[] | undefined {
  const texts = document.relay?.['ip-addresses']
  if (texts === undefined || texts.length === 0) return undefined
  const addresses: A[] = []
  for (const [index, text] of texts.entries()) {
    const at = site.at('relay').at('ip-addresses').at(index)
    const address = fromText(text.trim())
    if (address === undefined) {
      const message = `'${text}' is not the address of a relay`
      at.error('address', message, `such as ${example}`)
    } else if (addresses.includes(address)) {
      at.error('duplicate', `${text} stands here a second time`, 'remove it')
    } else addresses.push(address)
  }
  const relays = addresses.filter((address) => address !== none)
  return relays.length === 0 ? undefined : relays
}
