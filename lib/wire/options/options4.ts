// Every standard DHCPv4 option as one row of data (option-table.ts says how to read it).

import { TYPE_SIZES } from './definition.ts'
import { OptionTable, type Row } from './option-table.ts'

/** The options of the message itself. */
const DHCP4: readonly Row[] = [
  [1, 'subnet-mask', 'ipv4-address', 2132],
  [2, 'time-offset', 'int32', 2132],
  [3, 'routers', 'ipv4-address[]', 2132],
  [4, 'time-servers', 'ipv4-address[]', 2132],
  [5, 'name-servers', 'ipv4-address[]', 2132],
  [6, 'domain-name-servers', 'ipv4-address[]', 2132],
  [7, 'log-servers', 'ipv4-address[]', 2132],
  [8, 'cookie-servers', 'ipv4-address[]', 2132],
  [9, 'lpr-servers', 'ipv4-address[]', 2132],
  [10, 'impress-servers', 'ipv4-address[]', 2132],
  [11, 'resource-location-servers', 'ipv4-address[]', 2132],
  [12, 'host-name', 'string', 2132],
  [13, 'boot-size', 'uint16', 2132],
  [14, 'merit-dump', 'string', 2132],
  [15, 'domain-name', 'string', 2132],
  [16, 'swap-server', 'ipv4-address', 2132],
  [17, 'root-path', 'string', 2132],
  [18, 'extensions-path', 'string', 2132],
  [19, 'ip-forwarding', 'boolean', 2132],
  [20, 'non-local-source-routing', 'boolean', 2132],
  [21, 'policy-filter', 'ipv4-address[]', 2132],
  [22, 'max-dgram-reassembly', 'uint16', 2132],
  [23, 'default-ip-ttl', 'uint8', 2132],
  [24, 'path-mtu-aging-timeout', 'uint32', 2132],
  [25, 'path-mtu-plateau-table', 'uint16[]', 2132],
  [26, 'interface-mtu', 'uint16', 2132],
  [27, 'all-subnets-local', 'boolean', 2132],
  [28, 'broadcast-address', 'ipv4-address', 2132],
  [29, 'perform-mask-discovery', 'boolean', 2132],
  [30, 'mask-supplier', 'boolean', 2132],
  [31, 'router-discovery', 'boolean', 2132],
  [32, 'router-solicitation-address', 'ipv4-address', 2132],
  [33, 'static-routes', 'ipv4-address[]', 2132],
  [34, 'trailer-encapsulation', 'boolean', 2132],
  [35, 'arp-cache-timeout', 'uint32', 2132],
  [36, 'ieee802-3-encapsulation', 'boolean', 2132],
  [37, 'default-tcp-ttl', 'uint8', 2132],
  [38, 'tcp-keepalive-interval', 'uint32', 2132],
  [39, 'tcp-keepalive-garbage', 'boolean', 2132],
  [40, 'nis-domain', 'string', 2132],
  [41, 'nis-servers', 'ipv4-address[]', 2132],
  [42, 'ntp-servers', 'ipv4-address[]', 2132],
  [43, 'vendor-encapsulated-options', 'empty', 2132, 'vendor-encapsulated-options-space'],
  [44, 'netbios-name-servers', 'ipv4-address[]', 2132],
  [45, 'netbios-dd-server', 'ipv4-address[]', 2132],
  [46, 'netbios-node-type', 'uint8', 2132],
  [47, 'netbios-scope', 'string', 2132],
  [48, 'font-servers', 'ipv4-address[]', 2132],
  [49, 'x-display-manager', 'ipv4-address[]', 2132],
  [50, 'dhcp-requested-address', 'ipv4-address', 2132],
  [51, 'dhcp-lease-time', 'uint32', 2132],
  [52, 'dhcp-option-overload', 'uint8', 2132],
  [53, 'dhcp-message-type', 'uint8', 2132],
  [54, 'dhcp-server-identifier', 'ipv4-address', 2132],
  [55, 'dhcp-parameter-request-list', 'uint8[]', 2132],
  [56, 'dhcp-message', 'string', 2132],
  [57, 'dhcp-max-message-size', 'uint16', 2132],
  [58, 'dhcp-renewal-time', 'uint32', 2132],
  [59, 'dhcp-rebinding-time', 'uint32', 2132],
  [60, 'vendor-class-identifier', 'string', 2132],
  [61, 'dhcp-client-identifier', 'binary', 2132],
  [62, 'nwip-domain-name', 'string', 2242],
  [63, 'nwip-suboptions', 'binary', 2242],
  [64, 'nisplus-domain-name', 'string', 2132],
  [65, 'nisplus-servers', 'ipv4-address[]', 2132],
  [66, 'tftp-server-name', 'string', 2132],
  [67, 'boot-file-name', 'string', 2132],
  [68, 'mobile-ip-home-agent', 'ipv4-address[]', 2132],
  [69, 'smtp-server', 'ipv4-address[]', 2132],
  [70, 'pop-server', 'ipv4-address[]', 2132],
  [71, 'nntp-server', 'ipv4-address[]', 2132],
  [72, 'www-server', 'ipv4-address[]', 2132],
  [73, 'finger-server', 'ipv4-address[]', 2132],
  [74, 'irc-server', 'ipv4-address[]', 2132],
  [75, 'streettalk-server', 'ipv4-address[]', 2132],
  [76, 'streettalk-directory-assistance-server', 'ipv4-address[]', 2132],
  [77, 'user-class', 'binary', 3004],
  [78, 'slp-directory-agent', 'boolean ipv4-address[]', 2610],
  [79, 'slp-service-scope', 'boolean string', 2610],
  [81, 'fqdn', 'uint8 uint8 uint8 fqdn', 4702],
  [82, 'dhcp-agent-options', 'empty', 3046, 'dhcp-agent-options-space'],
  [85, 'nds-servers', 'ipv4-address[]', 2241],
  [86, 'nds-tree-name', 'string', 2241],
  [87, 'nds-context', 'string', 2241],
  [88, 'bcms-controller-names', 'fqdn[]', 4280],
  [89, 'bcms-controller-address', 'ipv4-address[]', 4280],
  [90, 'authenticate', 'binary', 3118],
  [91, 'client-last-transaction-time', 'uint32', 4388],
  [92, 'associated-ip', 'ipv4-address[]', 4388],
  [93, 'client-system', 'uint16[]', 4578],
  [94, 'client-ndi', 'uint8 uint8 uint8', 4578],
  [97, 'uuid-guid', 'uint8 binary', 4578],
  [98, 'uap-servers', 'string', 2485],
  [99, 'geoconf-civic', 'binary', 4776],
  [100, 'pcode', 'string', 4833],
  [101, 'tcode', 'string', 4833],
  [108, 'v6-only-preferred', 'uint32', 8925],
  [112, 'netinfo-server-address', 'ipv4-address[]', 3679],
  [113, 'netinfo-server-tag', 'string', 3679],
  [114, 'v4-captive-portal', 'string', 8910],
  [116, 'auto-config', 'uint8', 2563],
  [117, 'name-service-search', 'uint16[]', 2937],
  [118, 'subnet-selection', 'ipv4-address', 3011],
  [119, 'domain-search', 'fqdn[]', 3397],
  [121, 'classless-static-route', 'internal', 3442],
  [122, 'cablelabs-client-conf', 'empty', 3495, 'cablelabs-client-conf'],
  [124, 'vivco-suboptions', 'uint32 binary', 3925],
  [125, 'vivso-suboptions', 'uint32', 3925],
  [136, 'pana-agent', 'ipv4-address[]', 5192],
  [137, 'v4-lost', 'fqdn', 5223],
  [138, 'capwap-ac-v4', 'ipv4-address[]', 5417],
  [141, 'sip-ua-cs-domains', 'fqdn[]', 6011],
  [143, 'v4-sztp-redirect', 'tuple[]', 8572],
  [146, 'rdnss-selection', 'uint8 ipv4-address ipv4-address fqdn[]', 6731],
  [151, 'status-code', 'uint8 string', 6926],
  [152, 'base-time', 'uint32', 6926],
  [153, 'start-time-of-state', 'uint32', 6926],
  [154, 'query-start-time', 'uint32', 6926],
  [155, 'query-end-time', 'uint32', 6926],
  [156, 'dhcp-state', 'uint8', 6926],
  [157, 'data-source', 'uint8', 6926],
  [159, 'v4-portparams', 'uint8 psid', 7618],
  [162, 'v4-dnr', 'internal', 9463],
  [212, 'option-6rd', 'uint8 uint8 ipv6-address ipv4-address[]', 5969],
  [213, 'v4-access-domain', 'fqdn', 5986],
]

/**
 * Options that Kea does not know, by their names in the registry of IANA. A document may mean
 * something else by these codes and names.
 */
const BEYOND_KEA: readonly Row[] = [
  [142, 'andsf-v4', 'ipv4-address[]', 6153],
  [147, 'v4-dots-ri', 'fqdn', 8973],
  [148, 'v4-dots-address', 'ipv4-address[]', 8973],
  [150, 'tftp-server-address', 'ipv4-address[]', 5859],
  [160, 'captive-portal-rfc7710', 'string', 7710],
  [161, 'mud-url-v4', 'string', 8520],
  [209, 'configuration-file', 'string', 5071],
  [210, 'path-prefix', 'string', 5071],
  [211, 'reboot-time', 'uint32', 5071],
  [249, 'ms-classless-static-route', 'internal', 3442],
]

/** Sub-options of option 82 (RFC 3046): what a relay says about where the client is. */
const RELAY_AGENT: readonly Row[] = [
  [1, 'circuit-id', 'binary', 3046],
  [2, 'remote-id', 'binary', 3046],
  [4, 'docsis-device-class', 'uint32', 3256],
  [5, 'link-selection', 'ipv4-address', 3527],
  [6, 'subscriber-id', 'string', 3993],
  [7, 'radius', 'binary', 4014],
  [8, 'auth', 'binary', 4030],
  [9, 'vendor-specific-info', 'binary', 4243],
  [10, 'relay-flags', 'uint8', 5010],
  [11, 'server-id-override', 'ipv4-address', 5107],
  [12, 'relay-id', 'binary', 6925],
  [13, 'access-techno-type', 'uint16', 7839],
  [14, 'access-network-name', 'string', 7839],
  [15, 'access-point-name', 'string', 7839],
  [16, 'access-point-bssid', 'binary', 7839],
  [17, 'operator-id', 'uint32', 7839],
  [18, 'operator-realm', 'string', 7839],
  [19, 'relay-port', 'uint16', 8357],
  [151, 'virtual-subnet-select', 'binary', 6607],
  [152, 'virtual-subnet-select-ctrl', 'empty', 6607],
]

/** Sub-options of option 122 (RFC 3495): provisioning of cable telephones. */
const CABLELABS_CLIENT_CONF: readonly Row[] = [
  [1, 'tsp-primary-server', 'ipv4-address', 3495],
  [2, 'tsp-secondary-server', 'ipv4-address', 3495],
  [4, 'tsp-as-parameters', 'uint32 uint32 uint32', 3495],
  [5, 'tsp-ap-parameters', 'uint32 uint32 uint32', 3495],
  [6, 'tsp-realm', 'fqdn', 3495],
  [7, 'tsp-use-tgt', 'boolean', 3495],
  [8, 'tsp-provisioning-timer', 'uint8', 3495],
  [9, 'tsp-sct', 'uint16', 3594],
  [10, 'kdc-server', 'ipv4-address[]', 3634],
]

/** Options of CableLabs, enterprise 4491, inside option 125; both names of the space are Kea's. */
const DOCSIS3: readonly Row[] = [
  [1, 'oro', 'uint8[]', 0],
  [2, 'tftp-servers', 'ipv4-address[]', 0],
]

const beyondKea = new Set(BEYOND_KEA.map(([code]) => code))

/** The option spaces of DHCPv4 that have standard options, by Kea's names. */
export const OPTIONS4 = new OptionTable(
  {
    family: 4,
    width: 1,
    first: 1,
    last: 254,
    vendorClass: 124,
    vendorOptions: 125,
    definable: new Set([43, ...beyondKea]),
    beyondKea,
    repeating: new Set(),
  },
  new Map([
    ['dhcp4', [...DHCP4, ...BEYOND_KEA]],
    ['dhcp-agent-options-space', RELAY_AGENT],
    ['cablelabs-client-conf', CABLELABS_CLIENT_CONF],
    ['docsis3-v4', DOCSIS3],
    ['vendor-4491', DOCSIS3],
    ['vendor-encapsulated-options-space', []],
  ]),
)

/** By code: the only legal length of the value of a single-valued option, else 0. */
const fixedLengths = new Uint8Array(256)
for (const { code, type, array } of OPTIONS4.spaces.get('dhcp4') ?? [])
  if (!array && !OPTIONS4.traits.definable.has(code)) fixedLengths[code] = TYPE_SIZES[type] ?? 0
// Option 125 holds its 32-bit number once for each vendor, each with options behind it.
fixedLengths[125] = 0

/** The only legal length in bytes of this option of a message, or 0 where lengths may vary. */
export function fixedLength4(code: number): number {
  return fixedLengths[code]!
}
