// Options that relays supply for clients (RFC 6422): the relay nearest the client first, and only
// what nobody before has said, this server least of all.

import { OWNED_OPTIONS6 } from '../config/compile/owned-options.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { type OptionPair6, optionsInOctets6 } from '../wire/v6/octets6.ts'
import type { Exchange6 } from './exchange6.ts'
import { codesOf } from './write-options6.ts'

const NONE: readonly OptionPair6[] = []

/** `block` and `extras`: what the reply has. */
export function suppliedByRelays(
  { plan, query }: Exchange6,
  block: Uint8Array,
  extras: readonly OptionPair6[],
): readonly OptionPair6[] {
  const { relays } = query
  if (relays.every((relay) => !relay.has(OPTION6.relaySuppliedOptions))) return NONE
  const said = codesOf(block)
  for (const [code] of extras) said.add(code)
  const supplied: OptionPair6[] = []
  for (const relay of relays.toReversed()) {
    const value = relay.option(OPTION6.relaySuppliedOptions) ?? ''
    const own = (optionsInOctets6(value) ?? []).filter(
      ([code]) => plan.relaySupplied.has(code) && !OWNED_OPTIONS6.has(code) && !said.has(code),
    )
    supplied.push(...own)
    for (const [code] of own) said.add(code)
  }
  return supplied
}
