// The table of the command line: what is typed behind the name of a command, what it does, and
// where it is. Usage and completion come from here; each command is in a file of its own that is
// loaded when it is wanted.

import type { Command, Option } from './command.ts'
import { CONTROL_COMMANDS } from './control.ts'

const CONFIG: readonly Option[] = [
  { flags: ['-c', '--config'], takes: 'file' },
  { flags: ['--this-server'], takes: 'word' },
]

const STATES = ['assigned', 'declined', 'released', 'expired', 'registered']

export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  [
    'serve',
    {
      usage:
        '-c FILE [-c FILE] [-p PORT] [-P PORT] [--this-server NAME] [--supervised] [--after-restore]',
      text: 'serve DHCPv4, DHCPv6 or both as the file says, or two files',
      operand: 'none',
      options: [
        ...CONFIG,
        { flags: ['-p', '--server-port'], takes: 'word' },
        { flags: ['-P', '--client-port'], takes: 'word' },
        { flags: ['--server-port6'], takes: 'word' },
        { flags: ['--client-port6'], takes: 'word' },
        { flags: ['--supervised'] },
        { flags: ['--after-restore'] },
      ],
      run: async (args) => (await import('./serve.ts')).serve(args),
    },
  ],
  [
    'check',
    {
      usage: 'FILE [--this-server NAME]',
      text: 'read the file and say everything that is wrong with it',
      operand: 'file',
      options: CONFIG,
      run: async (args) => (await import('./check.ts')).check(args),
    },
  ],
  [
    'lab',
    {
      usage: '[--for 10s] [--clients N] [--single]',
      text: 'a pair (or a single server) and simulated clients on loopback',
      operand: 'none',
      options: [
        { flags: ['--for'], takes: 'word' },
        { flags: ['--clients'], takes: 'word' },
        { flags: ['--single'] },
      ],
      run: async (args) => (await import('./lab.ts')).lab(args),
    },
  ],
  [
    'leases',
    {
      usage: 'FILE [--devices] [--json | --csv 4|6] [--sort KEY] [FILTER...]',
      text: 'list the leases in the journal that the configuration names',
      operand: 'file',
      options: [
        ...CONFIG,
        { flags: ['--json'] },
        { flags: ['--csv'], takes: ['4', '6'] },
        { flags: ['--devices'] },
        { flags: ['--address'], takes: 'word' },
        { flags: ['--client'], takes: 'word' },
        { flags: ['--name'], takes: 'word' },
        { flags: ['--subnet'], takes: 'word' },
        { flags: ['--state'], takes: STATES },
        { flags: ['--sort'], takes: ['address', 'expires', 'hostname', 'mac', 'subnet'] },
      ],
      run: async (args) => (await import('./leases.ts')).leases(args),
    },
  ],
  [
    'reserve',
    {
      usage:
        'ADDRESS | MAC [--address A] [--hostname H] [--by ID] [--dry-run] [--no-write] [-c FILE]',
      text: 'make a lease of the running server a reservation, there and in its file',
      operand: 'none',
      options: [
        ...CONFIG,
        { flags: ['--address'], takes: 'word' },
        { flags: ['--hostname'], takes: 'word' },
        { flags: ['--by'], takes: ['hw-address', 'client-id', 'duid'] },
        { flags: ['--dry-run'] },
        { flags: ['--no-write'] },
      ],
      run: async (args) => (await import('./reserve.ts')).reserve(args),
    },
  ],
  [
    'unreserve',
    {
      usage: 'ADDRESS | MAC | DUID [--subnet ID] [--no-write] [-c FILE]',
      text: 'take a reservation of the running server away, there and in its file',
      operand: 'none',
      options: [...CONFIG, { flags: ['--subnet'], takes: 'word' }, { flags: ['--no-write'] }],
      run: async (args) => (await import('./reserve.ts')).unreserve(args),
    },
  ],
  [
    'reservations',
    {
      usage: '[TEXT] [--subnet ID | PREFIX] [--csv | --json] [-c FILE]',
      text: 'list what the running server reserves, for whom, and whether the client has it',
      operand: 'none',
      options: [
        ...CONFIG,
        { flags: ['--subnet'], takes: 'word' },
        { flags: ['--csv'] },
        { flags: ['--json'] },
      ],
      run: async (args) => (await import('./reservations.ts')).reservations(args),
    },
  ],
  [
    'history',
    {
      usage: 'MAC | ADDRESS | CLIENT-ID | NAME -c FILE [--json]',
      text: 'who had what address, and when, as far as the history of leases goes back',
      operand: 'none',
      options: [...CONFIG, { flags: ['--json'] }],
      run: async (args) => (await import('./history.ts')).history(args),
    },
  ],
  [
    'status',
    {
      usage: '[FILE] [--json | --check] [--this-server NAME]',
      text: 'how the server is that runs on this machine, or with this file',
      operand: 'file',
      options: [...CONFIG, { flags: ['--json'] }, { flags: ['--check'] }],
      run: async (args) => (await import('./order.ts')).status(args),
    },
  ],
  [
    'why',
    {
      usage: 'MAC | ADDRESS | CLIENT-ID | NAME [-c FILE] [--json]',
      text: 'what a client was answered last by the running server, why, and what would help',
      operand: 'none',
      options: [...CONFIG, { flags: ['--json'] }],
      run: async (args) => (await import('./why.ts')).why(args),
    },
  ],
  [
    'names',
    {
      usage: '[ADDRESS | NAME] [--all] [--retry] [--json] [-c FILE]',
      text: 'names that are not in DNS as they should be, and why; --retry tries them at once',
      operand: 'none',
      options: [...CONFIG, { flags: ['--all'] }, { flags: ['--retry'] }, { flags: ['--json'] }],
      run: async (args) => (await import('./names.ts')).names(args),
    },
  ],
  [
    'dns',
    {
      usage: 'check | repair [FILE | -c FILE | --socket PATH] [--json]',
      text: 'compare names in DNS with leases; repair adds what is missing, removes what is nobody’s',
      operand: ['check', 'repair'],
      options: [...CONFIG, { flags: ['--socket'], takes: 'file' }, { flags: ['--json'] }],
      run: async (args) => (await import('./dns.ts')).dns(args),
    },
  ],
  [
    'reconfigure',
    {
      usage: 'FILE [--client DUID | --subnet ID] [--ask renew | rebind | information-request]',
      text: 'tell clients of DHCPv6 that accept RECONFIGURE to ask again',
      operand: 'file',
      options: [
        ...CONFIG,
        { flags: ['--client'], takes: 'word' },
        { flags: ['--subnet'], takes: 'word' },
        { flags: ['--ask'], takes: ['renew', 'rebind', 'information-request'] },
      ],
      run: async (args) => (await import('./reconfigure.ts')).reconfigure(args),
    },
  ],
  ...[...CONTROL_COMMANDS].map(([name, { text }]): [string, Command] => [
    name,
    {
      usage: '[-c FILE]',
      text,
      operand: 'file',
      options: CONFIG,
      run: async (args) => (await import('./order.ts')).order(name, args),
    },
  ]),
  [
    'pair',
    {
      usage:
        'HOST [-c FILE] [--mode M] [--tls] [--port N] [--address A] [--to DIR] | --check [-c FILE]',
      text: 'make a pair of the server here and a second host: what both need, in a folder',
      operand: 'none',
      options: [
        { flags: ['-c', '--config'], takes: 'file' },
        { flags: ['--mode'], takes: ['load-balancing', 'hot-standby'] },
        { flags: ['--tls'] },
        { flags: ['--to'], takes: 'file' },
        { flags: ['--address'], takes: 'word' },
        { flags: ['--port'], takes: 'word' },
        { flags: ['--check'] },
        { flags: ['--wait'], takes: 'word' },
      ],
      run: async (args) => (await import('./pair.ts')).pair(args),
    },
  ],
  [
    'compat',
    {
      usage: 'DIR',
      text: 'put kea-dhcp4 and other programs of Kea, which run Whio, into a folder of programs',
      operand: 'file',
      options: [],
      run: async (args) => (await import('./compat.ts')).compat(args),
    },
  ],
  [
    'ctl',
    {
      usage:
        'COMMAND [NAME=VALUE... | JSON | -] [-c FILE | --socket PATH | --url URL] [--service dhcp4|dhcp6|ca]',
      text: "give a server one of Kea's commands, and print its answer",
      operand: 'management',
      options: [
        ...CONFIG,
        { flags: ['--socket'], takes: 'file' },
        { flags: ['--url'], takes: 'word' },
        { flags: ['--service'], takes: ['dhcp4', 'dhcp6', 'ca'] },
        { flags: ['--user'], takes: 'word' },
        { flags: ['--password-file'], takes: 'file' },
        { flags: ['--ca'], takes: 'file' },
        { flags: ['--cert'], takes: 'file' },
        { flags: ['--key'], takes: 'file' },
      ],
      help: async (args) => (await import('./ctl.ts')).helpFor(args),
      run: async (args) => (await import('./ctl.ts')).ctl(args),
    },
  ],
  [
    'completion',
    {
      usage: 'bash | zsh | fish',
      text: 'what a shell needs to complete these commands: eval "$(whio completion bash)"',
      operand: ['bash', 'zsh', 'fish'],
      options: [],
      run: async (args) => (await import('./completion.ts')).completion(args, COMMANDS),
    },
  ],
  [
    'import',
    {
      usage: '-c FILE LEASES.csv | --from SOURCE [--force]',
      text: "read Kea's lease file or tables, or another journal, into the journal",
      operand: 'file',
      options: [...CONFIG, { flags: ['--from'], takes: 'word' }, { flags: ['--force'] }],
      run: async (args) => (await import('./import.ts')).importLeases(args),
    },
  ],
  [
    'export',
    {
      usage: '-c FILE --to TARGET',
      text: "write the leases into Kea's lease file, another journal, or a database",
      operand: 'none',
      options: [...CONFIG, { flags: ['--to'], takes: 'file' }],
      run: async (args) => (await import('./export.ts')).exportLeases(args),
    },
  ],
  [
    'explain',
    {
      usage: "[ID] | FILE --client '...' | --packet HEX | --pcap CAPTURE [--leases] [--json]",
      text: 'what a client gets by the file, and why; or what a log message or drop reason means',
      operand: 'file',
      options: [
        ...CONFIG,
        { flags: ['--client'], takes: 'word' },
        { flags: ['--packet'], takes: 'word' },
        { flags: ['--pcap'], takes: 'file' },
        { flags: ['--number'], takes: 'word' },
        { flags: ['--interface'], takes: 'word' },
        { flags: ['--leases'] },
        { flags: ['--json'] },
      ],
      run: async (args) => (await import('./explain.ts')).explain(args),
    },
  ],
] satisfies [string, Command][])
