// Sub-options become part of the option that carries them (RFC 2132 §8.4, RFC 3925 §4). As in Kea
// that happens level by level, and only where the carrying option itself stands at the same level.

import { uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import type { OptionLevel, OptionValue } from '../plan/option-set.ts'
import type { OptionEntry } from './option-entry.ts'

const VIVSO = OPTION4.vendorIdentifyingInformation

/** The entries of one level, of any spaces, as options of the message. */
export function joinSubOptions(entries: readonly OptionEntry[]): OptionLevel {
  const options: OptionValue[] = []
  const carried = new Set<string>()
  for (const entry of entries) {
    if (entry.space !== 'dhcp4') continue
    const { code, alwaysSend, neverSend, tag } = entry
    const space = carriedSpace(entry)
    if (space !== '') carried.add(space)
    const subOptions = space === '' ? '' : encodeSpace(entries, space)
    options.push({ code, data: join(entry, subOptions), alwaysSend, neverSend, tag })
  }
  for (const entry of entries) {
    if (entry.space === 'dhcp4' || carried.has(entry.space)) continue
    const message = `nothing at this level carries the sub-options of '${entry.space}'`
    entry.site.warning('option-not-carried', message, carrierHint(entry.space))
  }
  return { options, enterprises: [] }
}

/** The space of the sub-options behind an option's own value, '' for none. */
function carriedSpace({ code, definition, data }: OptionEntry): string {
  if (code === VIVSO && data.length === 4) return `vendor-${uintFromOctets(data, 0, 4)}`
  return definition?.encapsulates ?? ''
}

/** RFC 3925 §4: behind the enterprise number of option 125 stands the length of its sub-options. */
function join({ code, data }: OptionEntry, subOptions: Octets): Octets {
  if (code !== VIVSO || data.length !== 4) return data + subOptions
  return data + String.fromCharCode(subOptions.length) + subOptions
}

/** Code, length, value; lowest code first. */
function encodeSpace(entries: readonly OptionEntry[], space: string): Octets {
  let octets = ''
  const members = entries.filter((entry) => entry.space === space && !entry.neverSend)
  for (const entry of members.sort((a, b) => a.code - b.code)) {
    const { code, data, site } = entry
    const added = 2 + data.length
    if (data.length > 255 || octets.length + added > 255) {
      const message = `the sub-options of '${space}' are too long`
      site.error('too-long', message, 'at most 255 bytes, 2 for each head included')
    } else octets += String.fromCharCode(code, data.length) + data
  }
  return octets
}

function carrierHint(space: string): string {
  if (space === 'vendor-encapsulated-options-space')
    return 'add an entry for vendor-encapsulated-options beside them'
  if (space === 'cablelabs-client-conf') return 'add an entry for cablelabs-client-conf beside them'
  if (space.startsWith('vendor-'))
    return `add an entry for vivso-suboptions with data "${space.slice(7)}" beside them`
  return 'they are not sent'
}
