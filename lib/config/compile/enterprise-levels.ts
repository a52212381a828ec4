// Options 124 and 125 (RFC 3925) of one level, by enterprise: which of them a client gets depends
// on whom it names, so they are joined for the reply.

import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import {
  CABLE_LABS,
  contentAt,
  endOfBlock,
  enterpriseAt,
  hasWholeBlocks,
} from '../../wire/options/enterprises.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import type { EnterpriseLevel, OptionValue } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'
import { nameOf, type OptionEntry } from './option-entry.ts'

const VENDOR_CLASS = OPTION4.vendorIdentifyingClass
const VENDOR_OPTIONS = OPTION4.vendorIdentifyingInformation
/** Behind its head, in a block of 255. */
const SUB_OPTION_MAX = 253

interface Draft extends EnterpriseLevel {
  readonly carriers: OptionValue[]
  readonly subOptions: OptionValue[]
}

export class EnterpriseLevels {
  readonly #byNumber = new Map<number, Draft>()

  list(): readonly EnterpriseLevel[] {
    return [...this.#byNumber.values()]
  }

  /**
   * Whether the entry is of option 124 or 125 and names enterprises, or is wrong, which is told.
   * One that is only forbidden names none.
   */
  takesCarrier(entry: OptionEntry, data: Octets): boolean {
    const { code, alwaysSend, neverSend, tag } = entry
    if (code !== VENDOR_CLASS && code !== VENDOR_OPTIONS) return false
    if (neverSend && data === '') return false
    const contents = code === VENDOR_OPTIONS ? contentsOf(data) : classesOf(data)
    if (contents === undefined) {
      const message = `${nameOf(entry)}: an enterprise number, a length and as many bytes are needed`
      entry.site.at('data').error('option-data', message, 'the number alone is legal, too')
      return true
    }
    for (const [enterprise, content] of contents)
      this.#of(enterprise).carriers.push({ code, data: content, alwaysSend, neverSend, tag })
    return true
  }

  addSubOption(enterprise: number, option: OptionValue, site: Site): void {
    if (option.data.length > SUB_OPTION_MAX) {
      const message = `${option.data.length} bytes do not fit into a sub-option of option 125`
      site.error('too-long', message, `at most ${SUB_OPTION_MAX} bytes`)
      return
    }
    this.#of(enterprise).subOptions.push(option)
    if (enterprise === CABLE_LABS || option.alwaysSend || option.neverSend) return
    const message = `clients of enterprise ${enterprise} have no way to ask for sub-option ${option.code}`
    site.info('option-not-asked', message, 'it is sent where some level says always-send')
  }

  #of(enterprise: number): Draft {
    const known = this.#byNumber.get(enterprise)
    if (known !== undefined) return known
    const draft: Draft = { enterprise, carriers: [], subOptions: [] }
    this.#byNumber.set(enterprise, draft)
    return draft
  }
}

/** What stands behind the enterprise number of option 124: mostly a length and as many bytes. */
function classesOf(data: Octets): ReadonlyMap<number, Octets> | undefined {
  if (data.length < 4) return undefined
  if (!hasWholeBlocks(data)) return new Map([[uintFromOctets(data, 0, 4), data.slice(4)]])
  const blocks = contentsOf(data)
  if (blocks === undefined) return undefined
  return new Map([...blocks].map(([number, content]) => [number, counted(content)]))
}

function counted(content: Octets): Octets {
  return octetsFromUint(content.length, 1) + content
}

/** The sub-options of each enterprise of option 125, or undefined when it is malformed. */
function contentsOf(data: Octets): ReadonlyMap<number, Octets> | undefined {
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
