// biome-ignore-all format: a table, a row a line
// Every key that Kea knows in a Dhcp4 or Dhcp6 map (2.2 to 3.3), level by level: what it means, its
// type and default, and what Whio does with it. The schemas of editors are made from this table;
// judge.ts obeys it. A row reads: key: support(type, meaning, default, what happens instead).

import { PAIR_LEVELS } from './common-ha.ts'
import { SERVER_LEVELS } from './common-server.ts'
import { DDNS_LEVELS } from './ddns-rows.ts'
import { LEVELS4 } from './keys4.ts'
import { LEVELS6 } from './keys6.ts'
import { accepted, anyMap, type Level, map, old, text, works } from './row.ts'

const OTHER_PROGRAM = 'Whio serves Dhcp4 and Dhcp6'

const root: Level = {
  about: "Configuration of Whio, in the form of Kea's.",
  // Those of the agent and of D2 stand in files of their own beside those of the servers.
  requiredOne: ['Dhcp4', 'Dhcp6', 'Control-agent', 'DhcpDdns'],
  keys: {
    Dhcp4: works(map('global'), 'The DHCPv4 server.'),
    Dhcp6: works(map('global6'), 'The DHCPv6 server.'),
    Whio: works(map('whio'), 'What Kea has no word for.'),
    $schema: works(text, 'Where an editor finds this schema.'),
    Netconf: accepted(anyMap, "Kea's NETCONF agent.", undefined, OTHER_PROGRAM),
    Logging: old(map('logging'), 'write its loggers into Dhcp4 or Dhcp6'),
    DhcpDdns: works(map('ddns'), 'Where names of clients are registered.'),
    'Control-agent': works(map('controlAgent'), 'A port for commands to both servers.'),
  },
}

/** Level name -> level. The document starts at `root`; names of DHCPv6 end in 6. */
export const KEYS: Readonly<Record<string, Level>> = {
  root,
  ...LEVELS4,
  ...LEVELS6,
  ...SERVER_LEVELS,
  ...PAIR_LEVELS,
  ...DDNS_LEVELS,
}
