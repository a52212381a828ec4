// The process around the server, as commands see it.

import os from 'node:os'
import type { HostFace } from '../control/host-face.ts'
import { hostInterfaces } from '../platform/host-interfaces.ts'
import type { Seconds } from '../time/units.ts'
import { version } from './version.ts'

export interface HostFaceParts {
  /** When the configuration in force was read, UTC (ISO 8601). */
  readonly read: () => string
  /** An orderly stop begins; the process ends with this code behind it. */
  readonly stop: (exitCode: number) => void
}

export function hostFaceOf({ read, stop }: HostFaceParts): HostFace {
  const startedAt = performance.now()
  const readFirst = read()
  const uptime = (): Seconds => Math.floor((performance.now() - startedAt) / 1000)
  return {
    pid: process.pid,
    version: version(),
    build: buildLines(),
    uptime,
    sinceReload() {
      const last = read()
      // The calendar may jump; what was read by this process is not older than it.
      return last === readFirst ? uptime() : Math.min(uptime(), Math.max(0, secondsSince(last)))
    },
    httpDate: () => new Date().toUTCString(),
    interfaces: hostInterfaces,
    stop,
  }
}

function secondsSince(iso: string): Seconds {
  return Math.floor((Date.now() - Date.parse(iso)) / 1000)
}

function buildLines(): string[] {
  const { node = '', sqlite = '', openssl = '' } = process.versions
  return [
    `Node.js ${node}, ${os.type()} ${os.release()}, ${os.arch()}`,
    `database: SQLite ${sqlite}`,
    `cryptography: OpenSSL ${openssl}`,
  ]
}
