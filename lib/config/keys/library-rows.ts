// biome-ignore-all format: a table, a row a line
// What those of Kea's libraries are told that Whio has a counterpart of, and what they read in the
// user-context of subnets and classes. Their maps stand where any map may, so each is judged apart
// (config/compile/library.ts). The parameters of libdhcp_ha are in common-ha.ts.

import { innerNotes } from './common-rows.ts'
import { accepted, bool, type Level, millis, type Rows, seconds, text, UINT32, whole, works } from './row.ts'

const pingCheck: Rows = {
  'enable-ping-check': works(bool, 'Ask whether somebody has an address before it is offered.', true),
  'min-ping-requests': works(whole(1, UINT32), 'How often is asked before nobody has it.', 1),
  'reply-timeout': works(millis, 'Milliseconds that each answer is waited for.', 100),
  'ping-cltt-secs': works(seconds, 'Seconds since its last ACK for which a client gets its former address back unasked.', 60),
}

/** The parameters of a library, by its name. */
export const LIBRARIES4 = {
  libdhcp_ping_check: {
    about: 'What is done before an address is offered.',
    keys: {
      ...innerNotes,
      ...pingCheck,
      'ping-channel-threads': accepted(seconds, 'Threads that send and receive; 0 = as many as the server has.', 0, 'one thread asks and reads'),
    },
  },
  libdhcp_run_script: {
    about: 'A program that is started when leases change.',
    required: ['name'],
    keys: {
      ...innerNotes,
      name: works(text, 'Absolute path of the program; its argument is the hook point.'),
      sync: works(bool, 'True is not possible, as in Kea.', false),
    },
  },
} as const satisfies Readonly<Record<string, Level>>

/** Members of user-context, by their name. */
export const CONTEXTS4 = {
  'ping-check': { about: 'What is different in this subnet.', keys: pingCheck },
} as const satisfies Readonly<Record<string, Level>>
