// Every standard DHCPv6 option as one row of data (option-table.ts says how to read it).

import { OptionTable, type Row } from './option-table.ts'

/** The options of the message itself, and of its IAs and relays. */
const DHCP6: readonly Row[] = [
  [1, 'clientid', 'binary', 9915],
  [2, 'serverid', 'binary', 9915],
  [3, 'ia-na', 'uint32 uint32 uint32', 9915],
  [4, 'ia-ta', 'uint32', 9915],
  [5, 'iaaddr', 'ipv6-address uint32 uint32', 9915],
  [6, 'oro', 'uint16[]', 9915],
  [7, 'preference', 'uint8', 9915],
  [8, 'elapsed-time', 'uint16', 9915],
  [9, 'relay-msg', 'binary', 9915],
  [11, 'auth', 'binary', 9915],
  [12, 'unicast', 'ipv6-address', 9915],
  [13, 'status-code', 'uint16 string', 9915],
  [14, 'rapid-commit', 'empty', 9915],
  [15, 'user-class', 'binary', 9915],
  [16, 'vendor-class', 'uint32 binary', 9915],
  [17, 'vendor-opts', 'uint32', 9915],
  [18, 'interface-id', 'binary', 9915],
  [19, 'reconf-msg', 'uint8', 9915],
  [20, 'reconf-accept', 'empty', 9915],
  [21, 'sip-server-dns', 'fqdn[]', 3319],
  [22, 'sip-server-addr', 'ipv6-address[]', 3319],
  [23, 'dns-servers', 'ipv6-address[]', 3646],
  [24, 'domain-search', 'fqdn[]', 3646],
  [25, 'ia-pd', 'uint32 uint32 uint32', 9915],
  [26, 'iaprefix', 'uint32 uint32 uint8 ipv6-address', 9915],
  [27, 'nis-servers', 'ipv6-address[]', 3898],
  [28, 'nisp-servers', 'ipv6-address[]', 3898],
  [29, 'nis-domain-name', 'fqdn[]', 3898],
  [30, 'nisp-domain-name', 'fqdn[]', 3898],
  [31, 'sntp-servers', 'ipv6-address[]', 4075],
  [32, 'information-refresh-time', 'uint32', 9915],
  [33, 'bcmcs-server-dns', 'fqdn[]', 4280],
  [34, 'bcmcs-server-addr', 'ipv6-address[]', 4280],
  [36, 'geoconf-civic', 'uint8 uint16 binary', 4776],
  [37, 'remote-id', 'uint32 binary', 4649],
  [38, 'subscriber-id', 'binary', 4580],
  [39, 'client-fqdn', 'uint8 fqdn', 4704],
  [40, 'pana-agent', 'ipv6-address[]', 5192],
  [41, 'new-posix-timezone', 'string', 4833],
  [42, 'new-tzdb-timezone', 'string', 4833],
  [43, 'ero', 'uint16[]', 4994],
  [44, 'lq-query', 'uint8 ipv6-address', 5007],
  [45, 'client-data', 'empty', 5007],
  [46, 'clt-time', 'uint32', 5007],
  [47, 'lq-relay-data', 'ipv6-address binary', 5007],
  [48, 'lq-client-link', 'ipv6-address[]', 5007],
  [51, 'v6-lost', 'fqdn', 5223],
  [52, 'capwap-ac-v6', 'ipv6-address[]', 5417],
  [53, 'relay-id', 'binary', 5460],
  [56, 'ntp-server', 'empty', 5908, 'v6-ntp-server-suboptions'],
  [57, 'v6-access-domain', 'fqdn', 5986],
  [58, 'sip-ua-cs-list', 'fqdn[]', 6011],
  [59, 'bootfile-url', 'string', 5970],
  [60, 'bootfile-param', 'tuple[]', 5970],
  [61, 'client-arch-type', 'uint16[]', 5970],
  [62, 'nii', 'uint8 uint8 uint8', 5970],
  [64, 'aftr-name', 'fqdn', 6334],
  [65, 'erp-local-domain-name', 'fqdn', 6440],
  [66, 'rsoo', 'empty', 6422, 'rsoo-opts'],
  [67, 'pd-exclude', 'ipv6-prefix', 6603],
  [74, 'rdnss-selection', 'ipv6-address uint8 fqdn[]', 6731],
  [79, 'client-linklayer-addr', 'binary', 6939],
  [80, 'link-address', 'ipv6-address', 6977],
  [82, 'solmax-rt', 'uint32', 9915],
  [83, 'inf-max-rt', 'uint32', 9915],
  [87, 'dhcpv4-message', 'binary', 7341],
  [88, 'dhcp4o6-server-addr', 'ipv6-address[]', 7341],
  [94, 's46-cont-mape', 'empty', 7598, 's46-cont-mape-options'],
  [95, 's46-cont-mapt', 'empty', 7598, 's46-cont-mapt-options'],
  [96, 's46-cont-lw', 'empty', 7598, 's46-cont-lw-options'],
  [103, 'v6-captive-portal', 'string', 8910],
  [135, 'relay-source-port', 'uint16', 8357],
  [136, 'v6-sztp-redirect', 'tuple[]', 8572],
  [143, 'ipv6-address-andsf', 'ipv6-address[]', 6153],
  [144, 'v6-dnr', 'internal', 9463],
  [148, 'addr-reg-enable', 'empty', 9686],
]

/** One time server each, inside option 56. */
const NTP: readonly Row[] = [
  [1, 'ntp-server-address', 'ipv6-address', 5908],
  [2, 'ntp-server-multicast', 'ipv6-address', 5908],
  [3, 'ntp-server-fqdn', 'fqdn', 5908],
]

const S46_RULE = [
  89,
  's46-rule',
  'uint8 uint8 uint8 ipv4-address ipv6-prefix',
  7598,
  's46-rule-options',
] as const
const S46_BR = [90, 's46-br', 'ipv6-address', 7598] as const
const S46_PORTPARAMS = [93, 's46-portparams', 'uint8 psid', 7598] as const

/** Options of CableLabs, enterprise 4491, inside option 17. */
const DOCSIS3: readonly Row[] = [
  [1, 'oro', 'uint16[]', 0],
  [2, 'device-type', 'string', 0],
  [10, 'vendor-type', 'string', 0],
  [32, 'tftp-servers', 'ipv6-address[]', 0],
  [33, 'config-file', 'string', 0],
  [34, 'syslog-servers', 'ipv6-address[]', 0],
  [36, 'device-id', 'binary', 0],
  [37, 'time-servers', 'ipv6-address[]', 0],
  [38, 'time-offset', 'int32', 0],
  [1026, 'cmts-cm-mac', 'binary', 0],
]

/** Of ISC, enterprise 2495: what its servers tell each other of DHCPv4 over DHCPv6. */
const ISC: readonly Row[] = [
  [60000, '4o6-interface', 'string', 7341],
  [60001, '4o6-source-address', 'ipv6-address', 7341],
  [60002, '4o6-source-port', 'uint16', 7341],
]

/**
 * Options that hold options of messages, behind values of their own (RFC 9915 §21.4 to §21.6,
 * §21.21, §21.22; RFC 5007 §4.1). What is configured never does: what holds itself has no end.
 */
export const HOLDERS6: ReadonlySet<number> = new Set([3, 4, 5, 25, 26, 44, 45])

/** The option spaces of DHCPv6 that have standard options, by Kea's names. */
export const OPTIONS6 = new OptionTable(
  {
    family: 6,
    width: 2,
    first: 1,
    last: 65535,
    vendorClass: 16,
    vendorOptions: 17,
    definable: new Set(),
    beyondKea: new Set(),
    // RFC 5908 §4 (servers), RFC 7598 §4 (rules, relays).
    repeating: new Set([
      'v6-ntp-server-suboptions',
      's46-cont-mape-options',
      's46-cont-mapt-options',
      's46-cont-lw-options',
    ]),
  },
  new Map<string, readonly Row[]>([
    ['dhcp6', DHCP6],
    ['v6-ntp-server-suboptions', NTP],
    ['rsoo-opts', []],
    ['s46-cont-mape-options', [S46_RULE, S46_BR]],
    ['s46-cont-mapt-options', [S46_RULE, [91, 's46-dmr', 'ipv6-prefix', 7598]]],
    [
      's46-cont-lw-options',
      [S46_BR, [92, 's46-v4v6bind', 'ipv4-address ipv6-prefix', 7598, 's46-v4v6bind-options']],
    ],
    ['s46-rule-options', [S46_PORTPARAMS]],
    ['s46-v4v6bind-options', [S46_PORTPARAMS]],
    ['docsis3-v6', DOCSIS3],
    ['vendor-4491', DOCSIS3],
    ['vendor-2495', ISC],
  ]),
)
