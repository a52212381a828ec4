// biome-ignore-all format: a table, a row a line
// The map DhcpDdns, of the program that Kea has for DNS: zones, their servers, their keys. And what
// Whio has beside it: who updates, how much may wait, other places that people look names up in.

import { innerNotes, notes } from './common-rows.ts'
import { accepted, bool, inner, type JsonSchema, type Level, list, map, old, oneOf, port, refused, seconds, text, texts, whole, works } from './row.ts'

/** A port that somebody listens on. */
const served: JsonSchema = whole(1, 65535)
const named: JsonSchema = { type: 'string', minLength: 1 }

const NO_D2 = 'changes of names come from this process itself'

const ddns: Level = {
  about: 'Who updates DNS: zones, their servers, their keys.',
  keys: {
    ...notes,
    'ip-address': accepted(text, 'Where name change requests are taken.', '127.0.0.1', NO_D2),
    port: accepted(served, 'The port for them.', 53001, NO_D2),
    'ncr-protocol': accepted(oneOf('UDP'), 'How they come.', 'UDP', NO_D2),
    'ncr-format': accepted(oneOf('JSON'), 'Their form.', 'JSON', NO_D2),
    'dns-server-timeout': works(whole(1, 0xffff_ffff), 'Milliseconds that the answer of a name server is waited for at first.', 500),
    'forward-ddns': works(map('ddnsZones'), 'Zones of names.', {}),
    'reverse-ddns': works(map('ddnsZones'), 'Zones of addresses.', {}),
    'tsig-keys': works(list('tsigKey'), 'Keys that messages to name servers are signed with.', []),
    'control-sockets': works(list('controlSocketD2'), 'Where management commands for this part are taken.', []),
    'control-socket': old(map('controlSocketD2'), 'control-sockets'),
    'hooks-libraries': works(list('hook'), 'Kea loads these; Whio judges each by its name.', []),
    loggers: accepted(list('logger'), 'What is logged, and where to.', [], 'the loggers of Dhcp4 and Dhcp6 count: the process has one log'),
  },
}

const ddnsZones: Level = {
  about: 'Zones.',
  keys: {
    ...notes,
    'ddns-domains': works(list('ddnsDomain'), 'Of those that a name lies in, the longest counts.', []),
  },
}

const ddnsDomain: Level = {
  about: 'A zone.',
  required: ['name', 'dns-servers'],
  keys: {
    ...notes,
    name: works(named, 'Its name; "*" stands for all zones that are not listed: which one it is, the server is asked.'),
    'key-name': works(text, 'Key for servers that name none; none = messages are not signed.', ''),
    'dns-servers': works({ ...list('ddnsServer'), minItems: 1 }, 'Name servers that take updates, the one to ask first in front.'),
  },
}

const ddnsServer: Level = {
  about: 'A name server.',
  required: ['ip-address'],
  keys: {
    ...notes,
    'ip-address': works(text, 'Its address.'),
    port: works(served, 'Its port.', 53),
    hostname: refused(text, 'Its name.', '', 'write ip-address'),
    'key-name': works(text, 'Key for this server.', ''),
  },
}

const tsigKey: Level = {
  about: 'A key, RFC 8945.',
  required: ['name', 'algorithm'],
  keys: {
    ...notes,
    name: works(named, 'Its name, as the name server has it.'),
    algorithm: works(text, 'HMAC-MD5, HMAC-SHA1, HMAC-SHA224, HMAC-SHA256, HMAC-SHA384 or HMAC-SHA512.'),
    'digest-bits': works(seconds, 'Bits of the signature that are sent; 0 = all.', 0),
    secret: works(text, 'The secret, in base64.'),
    'secret-file': works(text, 'File that holds it.'),
  },
}

const whioDdns: Level = {
  about: 'Names of clients outside of leases and answers.',
  keys: {
    ...notes,
    via: works(oneOf('self', 'd2', 'off'), 'Who updates DNS. self: this process, as DhcpDdns says. d2: kea-dhcp-ddns at dhcp-ddns.server-ip. off: nobody. Not said: with enable-updates true, self where there is a map DhcpDdns, else d2; said, it counts whatever enable-updates is.'),
    queue: works(whole(1000, 10_000_000), 'Changes that may be owed at a time.', 200_000),
    rate: works(whole(1, 100_000), 'Changes a second that a name server is sent at most.', 200),
    'keep-name': works(bool, 'A client that renews and says no name keeps the one that it has; false: it loses it, as in Kea.', true),
    'link-families': works(oneOf('mac', 'duid', 'off'), 'By what a client of DHCPv4 and one of DHCPv6 are the same machine, which may have both addresses under one name. mac where one process serves both; else duid.'),
    sinks: works(list('whioSink'), 'Other places that people look names up in; names go there also where DNS is not updated.', []),
  },
}

const whioSink: Level = {
  about: 'A place, other than DNS by its own protocol, that people look names up in.',
  required: ['type'],
  keys: {
    ...innerNotes,
    type: inner(oneOf('hosts-file', 'dnsmasq', 'unbound', 'powerdns'), 'Kind of place.'),
    file: inner(text, 'hosts-file: absolute path of the file, which is no one else\'s.'),
    hostsdir: inner(text, 'dnsmasq: absolute path of the folder that its option hostsdir names.'),
    'control-interface': inner(text, 'unbound: path of its control socket, or an address, as in its own file.', '127.0.0.1'),
    'control-port': inner(port, 'unbound: port, where it is an address.', 8953),
    'server-cert-file': inner(text, 'unbound: its certificate, where it is an address.', '/etc/unbound/unbound_server.pem'),
    'control-key-file': inner(text, 'unbound: key of clients.', '/etc/unbound/unbound_control.key'),
    'control-cert-file': inner(text, 'unbound: certificate of clients.', '/etc/unbound/unbound_control.pem'),
    url: inner(text, 'powerdns: its API.', 'http://127.0.0.1:8081'),
    'api-key': inner(text, 'powerdns: the key that it asks for.'),
    'api-key-file': inner(text, 'powerdns: file that holds it.'),
    'server-id': inner(text, 'powerdns: which server.', 'localhost'),
    zones: inner(texts, 'powerdns: zones that names and addresses are put into.', []),
  },
}

export const DDNS_LEVELS: Readonly<Record<string, Level>> = {
  ddns,
  ddnsZones,
  ddnsDomain,
  ddnsServer,
  tsigKey,
  whioDdns,
  whioSink,
}
