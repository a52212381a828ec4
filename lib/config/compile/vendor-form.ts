// How the value of a vendor class or of vendor options is put together, as far as it is configured
// as a whole: in DHCPv4 blocks of several enterprises (RFC 3925), in DHCPv6 one enterprise (RFC
// 9915 §21.16, §21.17).

import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import {
  contentAt,
  endOfBlock,
  enterpriseAt,
  hasWholeBlocks,
} from '../../wire/options/enterprises.ts'
import type { OptionTable } from '../../wire/options/option-table.ts'
import { subOptions, valueMax } from '../../wire/options/sub-options.ts'
import { itemsInOctets } from '../../wire/v6/octets6.ts'

/** What is said to each enterprise, or undefined where the value is malformed. */
type Contents = ReadonlyMap<number, Octets> | undefined

export interface VendorForm {
  readonly subOptionMax: number
  readonly wantedContents: string
  readonly wantedClasses: string
  readonly hint: string
  /** The sub-options of each enterprise. */
  contentsOf(data: Octets): Contents
  /** What stands behind the enterprise number of a vendor class. */
  classesOf(data: Octets): Contents
}

export function vendorForm({ traits }: OptionTable): VendorForm {
  return traits.family === 4 ? FORM4 : FORM6
}

const LENGTH_AND_BYTES = 'an enterprise number, a length and as many bytes'

const FORM4: VendorForm = {
  /** Behind its head, in a block of 255. */
  subOptionMax: 253,
  wantedContents: LENGTH_AND_BYTES,
  wantedClasses: LENGTH_AND_BYTES,
  hint: 'the number alone is legal, too',
  contentsOf: contentsOf4,
  classesOf: classesOf4,
}

const FORM6: VendorForm = {
  /** With its head, behind the enterprise number. */
  subOptionMax: valueMax(2) - 8,
  wantedContents: 'an enterprise number and whole sub-options',
  wantedClasses: 'an enterprise number and texts, each behind a length of two bytes,',
  hint: 'such as 0000013700084d53465420352e30 with csv-format false',
  contentsOf(data) {
    if (data.length < 4 || subOptions(data.slice(4), 2) === undefined) return undefined
    return new Map([[uintFromOctets(data, 0, 4), data.slice(4)]])
  },
  classesOf(data) {
    if (data.length <= 4 || itemsInOctets(data, 4) === undefined) return undefined
    return new Map([[uintFromOctets(data, 0, 4), data.slice(4)]])
  },
}

/** Behind the enterprise number of option 124: mostly a length and as many bytes. */
function classesOf4(data: Octets): Contents {
  if (data.length < 4) return undefined
  if (!hasWholeBlocks(data)) return new Map([[uintFromOctets(data, 0, 4), data.slice(4)]])
  const blocks = contentsOf4(data)
  if (blocks === undefined) return undefined
  return new Map([...blocks].map(([number, content]) => [number, counted(content)]))
}

function counted(content: Octets): Octets {
  return octetsFromUint(content.length, 1) + content
}

function contentsOf4(data: Octets): Contents {
  if (data.length === 4) return new Map([[uintFromOctets(data, 0, 4), '']])
  if (data === '' || !hasWholeBlocks(data)) return undefined
  const contents = new Map<number, Octets>()
  for (let at = 0; at < data.length; at = endOfBlock(data, at)) {
    const enterprise = enterpriseAt(data, at)
    const content = (contents.get(enterprise) ?? '') + contentAt(data, at)
    if (content.length > 255) return undefined
    contents.set(enterprise, content)
  }
  return contents
}
