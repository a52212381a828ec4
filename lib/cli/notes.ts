// What the usage of commands says below their table: each sentence, and the commands that it is
// for.

interface Note {
  readonly commands: readonly string[]
  readonly lines: readonly string[]
}

const NOTES: readonly Note[] = [
  {
    commands: ['serve', 'check', 'leases', 'reconfigure', 'explain', 'history', 'import', 'export'],
    lines: [
      "FILE is a configuration file of Kea's DHCPv4 or DHCPv6 server, or of both; or two files are named.",
    ],
  },
  {
    commands: ['serve'],
    lines: [
      '-p is the UDP port to listen on (67), -P that of clients (68); --server-port6 (547) and --client-port6 (546)',
      'are those of DHCPv6.',
    ],
  },
  {
    commands: ['serve', 'check', 'status'],
    lines: ['--this-server says which peer of its pair this machine is.'],
  },
  {
    commands: ['serve'],
    lines: [
      '--supervised ends the server with its standard input. --after-restore: the database may be an older copy, so a',
      'server of a pair waits for its partner.',
    ],
  },
  {
    commands: ['leases'],
    lines: [
      'FILTER: --address A, --name N (both may end in *), --subnet ID, --state S, --client with a hardware',
      'address, client identifier or DUID, or a part of one. --devices: a row each, with the leases of both families.',
      'KEY: address, expires, hostname, mac or subnet; --sort=-expires is the other way round.',
    ],
  },
  {
    commands: ['explain'],
    lines: [
      '--client of explain: a hardware address, relay=A, circuit-id=T, remote-id=T, client-id=HEX, interface=eth0,',
      'address=A, hostname=N, ask=1,3,routers, type=request, and options by number or name (93=0x0007). Of DHCPv6:',
      'duid=HEX, pd=1, iaid=1, interface-id=T, and the like.',
      '--packet: the bytes behind UDP in hexadecimal. --pcap: the first message of a client in a capture, or --number N.',
      '--leases: leases of the journal count, too; else every address is free.',
    ],
  },
  {
    commands: ['status'],
    lines: [
      '--check says in one line how the server is; exit code 0 well, 1 warning, 2 critical, 3 unknown.',
    ],
  },
  {
    commands: [
      'status',
      'why',
      'names',
      'reload',
      'stop',
      'partner-off',
      'serve-alone',
      'end-doubt',
      'forget-lifetime',
      'maintenance-start',
      'maintenance-cancel',
      'pair',
      'ctl',
      'reserve',
      'unreserve',
      'reservations',
    ],
    lines: ['Where [FILE] or [-c FILE] is left out, the only server of this machine is meant.'],
  },
]

/** Of one command, or all of them. */
export function notesOf(command?: string): string[] {
  const meant = NOTES.filter(({ commands }) => command === undefined || commands.includes(command))
  return meant.flatMap(({ lines }) => lines)
}
