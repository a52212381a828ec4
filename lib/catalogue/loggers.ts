// Which logger of Kea a line belongs to, by its id: `kea-dhcp4.leases` in `loggers` is about the
// lines of `leases`. The first row that fits counts.

const ROWS: readonly (readonly [ids: RegExp, logger: string])[] = [
  [/^HOOKS?_/, 'hooks'],
  [/^HA_/, 'ha-hooks'],
  [/^DDNS_/, 'ddns'],
  [/^(COMMAND|CONTROL|ORDER|AUDIT)_/, 'commands'],
  [/^(JOURNAL|DATABASE|RESTORED)_/, 'database'],
  [/^LEGAL_LOG_/, 'legal-log-hooks'],
  [/^RUN_SCRIPT_/, 'run-script-hooks'],
  [/^LEASE_QUERY_/, 'lease-query-hooks'],
  [/^DHCP4_PING_CHECK_/, 'ping-check-hooks'],
  [/^DHCPSRV_EVAL_/, 'eval'],
  [/^DHCP[46]_(PACKET|REPLY)_DROP/, 'bad-packets'],
  [/^DHCP[46]_(REPLY_|SEND_|SOCKETS_|BOOTP_)/, 'packets'],
  [/^DHCP[46]_(LEASE|RELEASE|DECLINE|SERVER_INITIATED|OWN_ADDRESS|ADDRESS_)/, 'leases'],
  [/^DHCP4_/, 'dhcp4'],
  [/^DHCP6_/, 'dhcp6'],
]

const OTHERS = 'dhcpsrv'

/** The name behind the one of the server. */
export function loggerOf(id: string): string {
  return ROWS.find(([ids]) => ids.test(id))?.[1] ?? OTHERS
}

/** All that have lines. */
export const LOGGERS: readonly string[] = [
  ...new Set([...ROWS.map(([, logger]) => logger), OTHERS]),
]
