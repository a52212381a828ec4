// Where leases are in a database a server keeps what is its own in /var/lib/whio. In a test that is
// not the host's.

import { mkdirSync } from 'node:fs'

/** Words in front of a command that sees this folder at /var/lib; for root. */
export function withState(folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /var/lib && exec "$@"', folder]
}
