// Whom `whio reconfigure` means, as the socket of the server carries it:
//
//   renew                     every client
//   renew subnet 7
//   rebind client 00030001…

import { hexFromOctets, octetsFromHex } from '../bytes/octets.ts'
import type { ReconfigureOrder } from '../server/reconfigure/reconfigurer6.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'

/** What clients can be told to send. */
export const RECONFIGURED = {
  renew: MESSAGE_TYPE6.renew,
  rebind: MESSAGE_TYPE6.rebind,
  'information-request': MESSAGE_TYPE6.informationRequest,
} as const

export function textFromOrder({ asks, client, subnet }: ReconfigureOrder): string {
  const word = Object.entries(RECONFIGURED).find(([, type]) => type === asks)![0]
  if (client !== '') return `${word} client ${hexFromOctets(client)}`
  return subnet === 0 ? word : `${word} subnet ${subnet}`
}

/** Undefined where it is not one. */
export function orderFromText(text: string): ReconfigureOrder | undefined {
  const [word = '', what, which = '', ...more] = text.split(' ')
  if (!Object.hasOwn(RECONFIGURED, word) || more.length > 0) return undefined
  const asks = RECONFIGURED[word as keyof typeof RECONFIGURED]
  if (what === undefined) return { asks, client: '', subnet: 0 }
  if (what === 'subnet') {
    const subnet = subnetFromText(which)
    return subnet === undefined ? undefined : { asks, client: '', subnet }
  }
  const client = what === 'client' ? (octetsFromHex(which) ?? '') : ''
  return client === '' ? undefined : { asks, client, subnet: 0 }
}

/** The id of a subnet, of which there is none 0. */
export function subnetFromText(text: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
}
