// The last steps on a reply before it is written: libdhcp_flex_option (dhcp/flex-options.ts), then
// hooks. What the protocol is made of (identifiers, IAs, statuses) is not among the options that
// are changed.

import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { bytesFromOctets, octetsFromBytes } from '../bytes/octets.ts'
import { applyFlexActions, type ChangedOptions, type FlexForm } from '../dhcp/flex-options.ts'
import { STEP } from '../dhcp/steps.ts'
import { valueMax } from '../wire/options/sub-options.ts'
import type { MessageType6 } from '../wire/v6/codes.ts'
import { type OptionPair6, octetsFromOptions6, optionsInOctets6 } from '../wire/v6/octets6.ts'
import type { Exchange6 } from './exchange6.ts'

/** In the order of their codes, what is sent in place of both. */
export function finished(
  { classes, facts, listens, plan, steps }: Exchange6,
  type: MessageType6,
  block: Uint8Array,
  extras: readonly OptionPair6[],
): Uint8Array {
  const options = new Options([...optionsInOctets6(octetsFromBytes(block))!, ...extras])
  applyFlexActions(plan.flexOptions, facts, classes, options, FORM)
  if ((listens & STEP.reply) !== 0)
    steps!.reply({ type, options: options.byCode, fields: undefined })
  return options.block()
}

/** Several of one code stand side by side until they are changed. */
class Options implements ChangedOptions {
  readonly byCode = new Map<number, readonly Octets[]>()

  constructor(options: readonly OptionPair6[]) {
    for (const [code, data] of options)
      this.byCode.set(code, [...(this.byCode.get(code) ?? []), data])
  }

  has(code: number): boolean {
    return this.byCode.has(code)
  }

  get(code: number): Octets | undefined {
    return this.byCode.get(code)?.[0]
  }

  set(code: number, data: Octets): void {
    this.byCode.set(code, [data])
  }

  delete(code: number): void {
    this.byCode.delete(code)
  }

  block(): Uint8Array {
    const codes = [...this.byCode.keys()].sort((one, other) => one - other)
    const pairs = codes.flatMap((code) =>
      this.byCode.get(code)!.map((data): OptionPair6 => [code, data]),
    )
    return bytesFromOctets(octetsFromOptions6(pairs))
  }
}

/** Octets of an enterprise number, which each instance of the option begins with. */
const ENTERPRISE = 4

const FORM: FlexForm<Options> = {
  width: 2,
  vendors: {
    read: ({ byCode }, code) => {
      const contents = new Map<number, Octets>()
      for (const data of byCode.get(code) ?? []) {
        if (data.length < ENTERPRISE) return undefined
        const enterprise = uintFromOctets(data, 0, ENTERPRISE)
        contents.set(enterprise, (contents.get(enterprise) ?? '') + data.slice(ENTERPRISE))
      }
      return contents
    },
    write: ({ byCode }, code, contents) => {
      const all = [...contents].map(
        ([enterprise, content]) => octetsFromUint(enterprise, ENTERPRISE) + content,
      )
      if (all.some(({ length }) => length > valueMax(2))) return false
      byCode.set(code, all)
      return true
    },
  },
}
