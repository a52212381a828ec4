// Options of the space dhcp4 that never come from option-data: those that the server fills in
// itself whatever the document says (Kea does the same with most of them), and those that only
// clients send (RFC 2131 §4.3.1 table 3). Compile warns of them, the engine takes none of them from
// the plan. Not here: 1 goes before the subnet's own mask, 54 is the override of the server
// identifier.

/** Code -> why an entry of option-data has no effect, the hint of the warning. */
export const OWNED_OPTIONS4: ReadonlyMap<number, string> = new Map([
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
