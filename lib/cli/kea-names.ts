// The names of Kea's programs under which scripts and monitors look for a DHCP server, and the
// small shell scripts that have these names. Such a script answers `-v` itself, since a monitor may
// ask every ten seconds, and hands everything else on with its own path in front: so the process
// shows the name of the program and its options as Kea's does.

import { basename } from 'node:path'
import { KEA_AGENT_VERSION, KEA_VERSION } from './version.ts'

export const KEA_NAMES = ['kea-dhcp4', 'kea-dhcp6', 'kea-ctrl-agent', 'kea-shell'] as const

export type KeaName = (typeof KEA_NAMES)[number]

/** Of the path of such a script. */
export function keaNameOf(word: string): KeaName | undefined {
  const name = basename(word)
  return KEA_NAMES.find((known) => known === name)
}

export function versionOf(name: KeaName): string {
  return name === 'kea-ctrl-agent' ? KEA_AGENT_VERSION : KEA_VERSION
}

/** By this line an earlier script is known, which may be written over. */
export const MARK = '# Whio under a name of Kea, written by `whio compat`.'

/** The text of the script. `command`: what runs Whio, a word each. */
export function launcherOf(name: KeaName, command: readonly string[]): string {
  return `#!/bin/sh
${MARK}
# With WHIO_NAME_ONLY=1 it serves nothing and only stands in the list of processes until it is
# stopped: for a monitor that wants a process for each family, where one serves both.
if [ "$*" = "-v" ]; then
  echo ${versionOf(name)}
  exit 0
fi
if [ "\${WHIO_NAME_ONLY:-}" = 1 ]; then
  trap 'kill $!; exit 0' TERM INT
  trap '' HUP
  sleep infinity > /dev/null 2>&1 &
  wait $!
  exit 0
fi
exec ${command.map(quoted).join(' ')} "$0" "$@"
`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
