// Options of a message that never come from option-data: those that the server fills in itself
// whatever the document says (Kea does the same with most of them), and those that only clients or
// relays send (RFC 2131 §4.3.1 table 3; RFC 9915 appendix B). Compile warns of them, the engine
// takes none of them from the plan.

import type { OptionTable } from '../../wire/options/option-table.ts'

/** Code -> why an entry of option-data has no effect, the hint of the warning. */
type OwnedOptions = ReadonlyMap<number, string>

/** Not here: 1 goes before the subnet's own mask, 54 is the override of the server identifier. */
export const OWNED_OPTIONS4: OwnedOptions = new Map([
  [50, 'only clients send it'],
  [51, 'the lifetime comes from valid-lifetime'],
  [52, 'the server sets it where options do not fit'],
  [53, 'the server sets it'],
  [55, 'only clients send it'],
  [56, 'the server sets it in a NAK'],
  [57, 'only clients send it'],
  [58, 'T1 comes from renew-timer or calculate-tee-times'],
  [59, 'T2 comes from rebind-timer or calculate-tee-times'],
  [61, "the server returns the client's (echo-client-id)"],
  [81, 'the server answers with the name it knows the client by'],
  [82, "the server returns the relay's"],
  [118, "the server returns the client's"],
])

const ONLY_CLIENTS = 'only clients send it'
const ONLY_RELAYS = 'only relays send it'
const LEASEQUERY = 'it is part of leasequery'

export const OWNED_OPTIONS6: OwnedOptions = new Map([
  [1, "the server returns the client's"],
  [2, 'it comes from server-id'],
  [3, 'the server sets it'],
  [4, 'temporary addresses are not given (RFC 9915 §21.5)'],
  [5, 'the server sets it'],
  [6, ONLY_CLIENTS],
  [8, ONLY_CLIENTS],
  [9, 'the server sets it for relays'],
  [11, 'the server sets it'],
  [12, 'messages to an address of the server are not answered (RFC 9915 §16)'],
  [13, 'the server sets it'],
  [14, 'it comes from rapid-commit'],
  [18, "the server returns the relay's"],
  [19, 'the server sets it'],
  [20, 'it comes from Whio.reconfigure-accept'],
  [25, 'the server sets it'],
  [26, 'the server sets it'],
  [37, ONLY_RELAYS],
  [38, ONLY_RELAYS],
  [39, 'the server answers with the name it knows the client by'],
  [43, ONLY_RELAYS],
  [44, LEASEQUERY],
  [45, LEASEQUERY],
  [46, LEASEQUERY],
  [47, LEASEQUERY],
  [48, LEASEQUERY],
  [53, ONLY_RELAYS],
  [66, ONLY_RELAYS],
  [67, 'it comes from excluded-prefix of a pd-pool'],
  [79, ONLY_RELAYS],
  [135, "the server returns the relay's"],
])

export function ownedOptions({ traits }: OptionTable): OwnedOptions {
  return traits.family === 4 ? OWNED_OPTIONS4 : OWNED_OPTIONS6
}
