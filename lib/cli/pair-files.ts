// What two hosts need to become a pair, as texts: their configuration, the script that installs it,
// and the unit of the second one.

import type { ConfigDocument } from '../config/keys/document.ts'

export const MODES = { 'load-balancing': 'secondary', 'hot-standby': 'standby' } as const

export type PairMode = keyof typeof MODES

export interface PairWish {
  readonly mode: PairMode
  /** Addresses of this host and of the other one, in this order. */
  readonly addresses: readonly [string, string]
  readonly port: number
  /** Folder of the configuration, on both hosts. */
  readonly folder: string
  /** By certificates, and not by a password. */
  readonly isTls: boolean
}

export const NAMES = ['server1', 'server2'] as const

/** With the pair in the map that is served first. */
export function withPair(document: ConfigDocument, wish: PairWish): ConfigDocument {
  const key = document.Dhcp4 === undefined ? 'Dhcp6' : 'Dhcp4'
  const map = document[key]!
  const library = {
    library: 'libdhcp_ha.so',
    parameters: { 'high-availability': [{ ...relationship(wish), ...updatesOf(document) }] },
  }
  const libraries = [...(map['hooks-libraries'] ?? []), library]
  return { ...document, [key]: { ...map, 'hooks-libraries': libraries } } as ConfigDocument
}

/** In a database that both hosts write there is nothing to send. */
function updatesOf({ Dhcp4, Dhcp6 }: ConfigDocument): object {
  const isShared = [Dhcp4, Dhcp6].some((map) => map?.['lease-database']?.type === 'postgresql')
  return isShared ? { 'send-lease-updates': false, 'sync-leases': false } : {}
}

/** The same for both: each finds itself by its address. */
function relationship({ mode, addresses, port, folder, isTls }: PairWish): object {
  const files = {
    'trust-anchor': `${folder}/tls/ca.crt`,
    'cert-file': `${folder}/tls/server.crt`,
    'key-file': `${folder}/tls/server.key`,
  }
  const password = {
    'basic-auth-user': 'pair',
    'basic-auth-password-file': `${folder}/pair-password`,
  }
  const peers = addresses.map((address, index) => ({
    name: NAMES[index],
    role: index === 0 ? 'primary' : MODES[mode],
    url: urlOf(address, port, isTls),
    ...(isTls ? {} : password),
  }))
  return { mode, ...(isTls ? files : {}), peers }
}

function urlOf(address: string, port: number, isTls: boolean): string {
  const host = address.includes(':') ? `[${address}]` : address
  return `${isTls ? 'https' : 'http'}://${host}:${port}/`
}

export interface InstallWish {
  readonly name: string
  /** Where the files go; they lie beside the script under their names in this folder. */
  readonly folder: string
  /** Configuration files, by their paths; those that it includes are among `others`. */
  readonly configs: readonly string[]
  readonly others: readonly string[]
  /** Below the folder: what nobody else may read. */
  readonly secrets: readonly string[]
  readonly open: readonly string[]
  /** The unit that is to be started again; '' = a new one is installed and started. */
  readonly unit: string
  /** Said where no unit is known. */
  readonly otherwise: string
}

/** Only names of files differ from host to host. */
export function installScript(wish: InstallWish): string {
  const { name, folder, configs, others, secrets, open, unit, otherwise } = wish
  const place = (files: readonly string[], mode: string) =>
    files.map((file) => `place ${quoted(file)} ${mode}`)
  const staged = configs.map((file) => `"$here/"${quoted(baseOf(file))}`).join(' ')
  return `#!/bin/sh
# Makes this host ${name} of a pair. Run it as root. What was there before stays beside it, with the
# end .before-pair.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${quoted(folder)}
whio=\${WHIO:-$(command -v whio || true)}
[ -n "$whio" ] || { echo 'whio is not installed on this host' >&2; exit 1; }

# A file beside this script, or below that, and its mode; behind a slash its path is the whole one.
place() {
  case $1 in /*) to=$1 from=$here/\${1##*/} ;; *) to=$folder/$1 from=$here/$1 ;; esac
  mkdir -p "\${to%/*}"
  if [ -e "$to" ] && ! cmp -s "$from" "$to"; then cp -p "$to" "$to.before-pair"; fi
  cp "$from" "$to.new"
  chmod "$2" "$to.new"
  mv "$to.new" "$to"
}

${[...place(secrets, '600'), ...place(open, '644'), ...place(others, '644')].join('\n')}
# What is wrong is told before anything is replaced that a running server reads.
"$whio" check ${staged} --this-server ${name}
${place(configs, '644').join('\n')}

if [ -d /run/systemd/system ] && [ ${quoted(unit)} != - ]; then
  getent group whio-pair > /dev/null || groupadd --system whio-pair
${secrets.map((file) => `  chgrp whio-pair "$folder/"${quoted(file)} && chmod 640 "$folder/"${quoted(file)}`).join('\n')}
  unit=${quoted(unit)}
  if [ -z "$unit" ]; then
    unit=whio.service
    sed "s,/usr/local/bin/whio,$whio," "$here/whio.service" > /etc/systemd/system/whio.service
  fi
  mkdir -p "/etc/systemd/system/$unit.d"
  printf '[Service]\\nSupplementaryGroups=whio-pair\\n' > "/etc/systemd/system/$unit.d/pair.conf"
  systemctl daemon-reload
  systemctl enable "$unit"
  systemctl restart "$unit"
  echo "$unit has been started as ${name}"
else
  echo ${quoted(otherwise)}
fi
`
}

/** The unit of the examples for these files. */
export function unitFor(example: string, configs: readonly string[]): string {
  const words = configs.map((file) => `-c ${file}`).join(' ')
  return example.replace('-c /etc/whio/dhcp4.conf', words)
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function quoted(word: string): string {
  return /^[\w./:@+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
