// Commands of Kea that are not here, and why: whoever gives one learns what to do instead. They are
// on no list, since clients decide by that.

interface RefusedNames {
  readonly begins: string
  readonly why: string
}

const REFUSED: readonly RefusedNames[] = [
  {
    begins: 'gss-tsig-',
    why: 'GSS-TSIG is not supported, messages to name servers are signed with keys of DhcpDdns.tsig-keys',
  },
  {
    begins: 'extended-info',
    why: 'what leases keep of relays is read in its older form, too, so nothing is to be upgraded',
  },
  { begins: 'remote-', why: 'a configuration database is read only' },
]

/** '' = nothing is known of a command of this name. */
export function whyRefused(name: string): string {
  return REFUSED.find(({ begins }) => name.startsWith(begins))?.why ?? ''
}
