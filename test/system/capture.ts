// What passes on a wire, recorded by dumpcap and decoded by tshark: a witness that shares no code
// with Whio.

import type { Namespace, Running } from './netns.ts'

/** A filter for the DHCP messages of one client; broadcasts of others are on the wire too. */
export function messagesOf(hwAddress: string): string {
  const hw = hwAddress.replaceAll(':', '')
  // The field chaddr, counted from the UDP header.
  return `udp port 67 and udp[36:4] = 0x${hw.slice(0, 8)} and udp[40:2] = 0x${hw.slice(8)}`
}

export class Capture {
  readonly #file: string
  readonly #where: Namespace
  readonly #running: Running

  private constructor(where: Namespace, file: string, running: Running) {
    this.#where = where
    this.#file = file
    this.#running = running
  }

  /**
   * Records what passes these devices and `filter` (in the language of pcap); ends by itself after
   * `count` frames. Returns when it is listening.
   */
  static async start(
    where: Namespace,
    file: string,
    devices: readonly string[],
    filter: string,
    count = 1_000_000,
  ): Promise<Capture> {
    // A filter counts for the devices named after it.
    const options = ['-f', filter, ...devices.flatMap((name) => ['-i', name])]
    const running = where.start('dumpcap', '-c', `${count}`, '-w', file, ...options)
    await running.until(/File: /)
    return new Capture(where, file, running)
  }

  /** Waits for the last frame and gives these fields of every one, in order. */
  async read(...fields: string[]): Promise<Record<string, string>[]> {
    return await this.#read([], fields)
  }

  /** The same, with all values of a field that occurs several times, with commas between. */
  async readAll(...fields: string[]): Promise<Record<string, string>[]> {
    return await this.#read([], fields, 'a')
  }

  /** The same; the sums of IP and UDP are checked. */
  async readChecked(...fields: string[]): Promise<Record<string, string>[]> {
    const checks = ['ip', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`])
    return await this.#read(checks, fields)
  }

  async #read(
    options: string[],
    fields: string[],
    occurrence: 'f' | 'a' = 'f',
  ): Promise<Record<string, string>[]> {
    await this.#running.ended
    const names = fields.flatMap((field) => ['-e', field])
    // The first value of a field that occurs twice: the message's own before an option's.
    const format = ['-T', 'fields', '-E', 'separator=|', '-E', `occurrence=${occurrence}`]
    const text = this.#where.run('tshark', '-n', '-r', this.#file, ...options, ...format, ...names)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const values = line.split('|')
        return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? '']))
      })
  }

  /** Ends it now; the frames of the last moment may be missing. */
  async stop(...fields: string[]): Promise<Record<string, string>[]> {
    this.#running.kill('SIGINT')
    return await this.read(...fields)
  }
}
