// biome-ignore-all format: a table, a row a line
// Where management commands are taken, and who may give them: the sockets of each server, and the
// map of Kea's control agent.

import { EVENT_NAMES } from '../../catalogue/event-names.ts'
import { ROLE_LEVELS } from '../plan/role.ts'
import { type KeyFamily, notes } from './common-rows.ts'
import { accepted, bool, type Level, list, map, oneOf, port, type Rows, text, texts, works } from './row.ts'

const tls: Rows = {
  'trust-anchor': works(text, 'File or folder with the certificate authority; all three of TLS, or none.'),
  'cert-file': works(text, 'File with the certificate, PEM.'),
  'key-file': works(text, 'File with its key, PEM, without a password.'),
  'cert-required': works(bool, 'TLS: clients show a certificate.', true),
}

/** Levels of the sockets of a server, by their names without its suffix. */
export function controlLevels({ version, suffix }: KeyFamily): Readonly<Record<string, Level>> {
  return {
    controlSocket: socketOf(`authentication${suffix}`),
    authentication: authenticationOf(`kea-dhcpv${version}-server`),
  }
}

function socketOf(authentication: string): Level {
  return {
    about: 'Where management commands are taken.',
    keys: {
      ...notes,
      'socket-type': works(oneOf('unix', 'http', 'https'), 'Kind of socket; unix where nothing is said.'),
      'socket-name': works(text, 'unix: path; a name alone is one in the folder of sockets, /var/run/kea.'),
      'socket-address': works(text, 'http: address.', '127.0.0.1'),
      'socket-port': works(port, 'http: port.', 8000),
      'http-headers': works(list('httpHeader'), 'Further headers of answers.', []),
      authentication: works(map(authentication), 'Who may send commands.'),
      ...tls,
    },
  }
}

function authenticationOf(realm: string): Level {
  return {
    about: 'Who may send commands.',
    required: ['type'],
    keys: {
      ...notes,
      type: works(oneOf('basic'), 'Basic HTTP authentication.'),
      realm: works(text, 'Realm that is shown.', realm),
      directory: works(text, 'Folder of the files.'),
      clients: works(list('authClient'), 'Users and their passwords; nobody = whoever reaches the port.', []),
    },
  }
}

const authClient: Level = {
  about: 'A user.',
  keys: {
    ...notes,
    user: works(text, 'Name.'),
    'user-file': works(text, 'File whose first line is the name.'),
    password: works(text, 'Password.'),
    'password-file': works(text, 'File whose first line is the password; where no user is named, user:password.'),
  },
}

const httpHeader: Level = {
  about: 'A header of an answer.',
  required: ['name', 'value'],
  keys: {
    ...notes,
    name: works(text, 'Name of the header.'),
    value: works(text, 'Its value.'),
  },
}

const controlAgent: Level = {
  about: 'A port for commands to both servers.',
  keys: {
    ...notes,
    'http-host': works(text, 'Address of the port.', '127.0.0.1'),
    'http-port': works(port, 'The port.', 8000),
    'http-headers': works(list('httpHeader'), 'Further headers of answers.', []),
    ...tls,
    authentication: works(map('authenticationAgent'), 'Who may send commands.'),
    'control-sockets': works(map('agentSockets'), 'Servers that commands are passed on to, by their names.', {}),
    'hooks-libraries': accepted(list('hook'), 'Libraries that the agent loads.', [], 'Whio loads no library'),
    loggers: accepted(list('logger'), 'What the agent logs, and where to.', [], 'the loggers of Dhcp4 and Dhcp6 count: the process has one log'),
  },
}

const IN_PROCESS = 'the server is in this process, and commands reach it without a socket'

const agentSockets: Level = {
  about: 'Servers that commands are passed on to.',
  keys: {
    dhcp4: works(map('agentSocket'), 'The server of DHCPv4.'),
    dhcp6: works(map('agentSocket'), 'The server of DHCPv6.'),
    d2: works(map('agentSocket'), 'The DNS updater.'),
  },
}

const agentSocket: Level = {
  about: 'How a server is reached.',
  keys: {
    ...notes,
    'socket-type': works(oneOf('unix'), 'Kind of socket.'),
    'socket-name': accepted(text, 'Path of the socket.', undefined, IN_PROCESS),
  },
}

const role: Level = {
  about: 'What a user of the management side may do. The first role that names whoever asks counts.',
  required: ['name'],
  keys: {
    ...notes,
    name: works(text, 'Its name, for the log.'),
    level: works(oneOf(...ROLE_LEVELS), 'viewer: reads, without secrets. operator: also changes leases and reservations. admin: everything.', 'viewer'),
    allow: works(texts, 'Commands beyond those of the level.', []),
    deny: works(texts, 'Commands that are taken away.', []),
    users: works(texts, 'Names of users.', []),
    certificates: works(texts, 'Names in certificates of clients: common name, DNS name or address.', []),
    tokens: works(texts, 'SHA-256 of tokens, in hexadecimal, that programs show to ports of HTTP (Authorization: Bearer).', []),
    addresses: works(texts, 'Where they ask from: addresses or prefixes.', []),
    sockets: works(texts, 'Paths of unix sockets.', []),
  },
}

const webhook: Level = {
  about: 'Somebody who is called by HTTP, with a POST for each event.',
  required: ['url', 'events'],
  keys: {
    ...notes,
    url: works(text, 'Address that is called, http or https.'),
    events: works({ type: 'array', minItems: 1, items: oneOf('lease', ...EVENT_NAMES) }, 'What it is told of. lease: all of leases but renewals.'),
    secret: works(text, 'Key of the signature, HMAC-SHA256, in the header X-Whio-Signature; without one nothing is signed.'),
    'secret-file': works(text, 'File whose first line is that key.'),
  },
}

/** Levels of which there is one, whatever is served. */
export const AGENT_LEVELS: Readonly<Record<string, Level>> = {
  authClient,
  httpHeader,
  controlAgent,
  authenticationAgent: authenticationOf('kea-control-agent'),
  controlSocketD2: socketOf('authenticationD2'),
  authenticationD2: authenticationOf('kea-dhcp-ddns-server'),
  agentSockets,
  agentSocket,
  role,
  webhook,
}
