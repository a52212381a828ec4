// Whether somebody outside agrees to what is about to be offered or given: see dhcp/asking.ts.

import { type Gate, nameOf } from '../dhcp/asking.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import type { Choice6 } from './choose6.ts'
import type { Exchange6 } from './exchange6.ts'
import { drop, type Stepped6 } from './outcome6.ts'

/** Undefined: it may be; else the outcome for now. 'refused': and the client is to know it. */
export function agreementTo(
  { arrival, heard, query, settings }: Exchange6,
  gate: Gate,
  choices: readonly Choice6[],
): Stepped6 | 'refused' | undefined {
  if (choices.length === 0) return undefined
  const addresses = choices.map(({ key }) => textFromKey(key))
  const proposal = { subnetId: choices[0]!.place.subnet.id, addresses }
  if (heard?.judged === nameOf(proposal)) return heard.isRefused ? 'refused' : undefined
  const said = settings.asker!.ask(gate, query, arrival, proposal, heard)
  if (typeof said === 'number') return { kind: 'wait', ticket: said }
  return said === 'go-on' ? undefined : drop(said)
}
