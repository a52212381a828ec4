// Options of enterprises of one level: 124 and 125 (RFC 3925), in DHCPv6 16 and 17. Which of them a
// client gets depends on whom it names, so they are joined for the reply.

import type { Octets } from '../../bytes/octets.ts'
import { CABLE_LABS } from '../../wire/options/enterprises.ts'
import type { OptionTable } from '../../wire/options/option-table.ts'
import type { EnterpriseLevel, OptionValue } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'
import { nameOf, type OptionEntry } from './option-entry.ts'
import { type VendorForm, vendorForm } from './vendor-form.ts'

interface Draft extends EnterpriseLevel {
  readonly carriers: OptionValue[]
  readonly subOptions: OptionValue[]
}

export class EnterpriseLevels {
  readonly #table: OptionTable
  readonly #form: VendorForm
  readonly #byNumber = new Map<number, Draft>()

  constructor(table: OptionTable) {
    this.#table = table
    this.#form = vendorForm(table)
  }

  list(): readonly EnterpriseLevel[] {
    return [...this.#byNumber.values()]
  }

  /**
   * Whether the entry is of the vendor class or the vendor options and names enterprises, or is
   * wrong, which is told. One that is only forbidden names none.
   */
  takesCarrier(entry: OptionEntry, data: Octets): boolean {
    const { code, alwaysSend, neverSend, tag } = entry
    const { vendorClass, vendorOptions } = this.#table.traits
    if (code !== vendorClass && code !== vendorOptions) return false
    if (neverSend && data === '') return false
    const isOptions = code === vendorOptions
    const contents = isOptions ? this.#form.contentsOf(data) : this.#form.classesOf(data)
    if (contents === undefined) {
      const wanted = isOptions ? this.#form.wantedContents : this.#form.wantedClasses
      const message = `${nameOf(entry)}: ${wanted} are needed`
      entry.site.at('data').error('option-data', message, this.#form.hint)
      return true
    }
    for (const [enterprise, content] of contents)
      this.#of(enterprise).carriers.push({ code, data: content, alwaysSend, neverSend, tag })
    return true
  }

  addSubOption(enterprise: number, option: OptionValue, site: Site): void {
    const { subOptionMax } = this.#form
    if (option.data.length > subOptionMax) {
      const { vendorOptions } = this.#table.traits
      const message = `${option.data.length} bytes do not fit into a sub-option of option ${vendorOptions}`
      site.error('too-long', message, `at most ${subOptionMax} bytes`)
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
