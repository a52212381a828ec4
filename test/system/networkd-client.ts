// systemd-networkd as a client of both families, without systemd around it: no bus, no udev, an
// /etc with what it reads there and nothing of the host, and a /run of its own.

import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace, Running } from './netns.ts'

export const NETWORKD = '/lib/systemd/systemd-networkd'

/**
 * The command behind it runs where the folder given first is /etc. With /sys read-only networkd
 * waits for nobody who would tell it that a device is ready.
 */
const SEALED = [
  'sh',
  '-c',
  `mount --bind "$1" /etc && mount -o remount,bind,ro /etc &&
mount -o remount,bind,ro /sys && mount -t tmpfs none /run &&
mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp &&
chown -R systemd-network /run/systemd/netif && shift && exec "$@"`,
  'sealed',
] as const

export class Networkd {
  readonly where: Namespace
  readonly #etc: string
  #running: Running | undefined

  /**
   * Keeps what it reads in the folder `at`. `networks`: the text of a file for each device that it
   * cares for.
   */
  constructor(where: Namespace, at: string, networks: Readonly<Record<string, string>>) {
    this.where = where
    this.#etc = join(at, 'etc')
    const files = join(this.#etc, 'systemd', 'network')
    mkdirSync(files, { recursive: true })
    const uid = where.run('getent', 'passwd', 'systemd-network')
    writeFileSync(join(this.#etc, 'passwd'), `root:x:0:0:root:/root:/bin/sh\n${uid}`)
    writeFileSync(join(this.#etc, 'group'), where.run('getent', 'group', 'systemd-network'))
    writeFileSync(join(this.#etc, 'machine-id'), randomUUID().replaceAll('-', ''))
    for (const [device, text] of Object.entries(networks))
      writeFileSync(join(files, `${device}.network`), `[Match]\nName=${device}\n${text}`)
  }

  get running(): Running {
    if (this.#running === undefined) throw new Error('networkd was never started')
    return this.#running
  }

  start(): void {
    const told = ['env', 'SYSTEMD_LOG_LEVEL=debug', 'SYSTEMD_LOG_TARGET=console']
    this.#running = this.where.start(...SEALED, this.#etc, ...told, NETWORKD)
  }

  /** Ends it in good order: it gives back what it has of DHCPv4. */
  async stop(): Promise<void> {
    this.running.kill('SIGTERM')
    await this.running.ended
  }

  /** Waits until the device has the address, and may use it. */
  async holds(address: RegExp, device = 'eth0'): Promise<string> {
    for (;;) {
      const shown = this.where.run('ip', '-o', 'address', 'show', 'dev', device, '-tentative')
      const all = [...shown.matchAll(/inet6? (\S+)\//g)].map(([, one]) => one!)
      const found = all.find((one) => address.test(one))
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Waits until it tells resolvers of such a name server. */
  async usesNameServer(address: string): Promise<void> {
    const inside = ['--target', `${this.running.pid}`, '--mount', 'sh', '-c']
    for (;;) {
      const links = this.where.run('nsenter', ...inside, 'cat /run/systemd/netif/links/* || true')
      const told = [...links.matchAll(/^DNS=(.*)$/gm)].flatMap(([, all]) => all!.split(' '))
      if (told.includes(address)) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
