// What passes on a wire, recorded by dumpcap and decoded by tshark: a witness that shares no code with
// Whio. A capture ends by itself when it has seen the number of DHCP messages asked for.

import type { Namespace, Running } from './netns.ts'

export class Capture {
  readonly file: string
  readonly #where: Namespace
  readonly #running: Running

  private constructor(where: Namespace, file: string, running: Running) {
    this.#where = where
    this.file = file
    this.#running = running
  }

  /**
   * Records `count` DHCP messages of the client `hwAddress`, as seen by these devices; returns when it is
   * listening.
   */
  static async start(
    where: Namespace,
    file: string,
    devices: readonly string[],
    hwAddress: string,
    count: number,
  ): Promise<Capture> {
    const hw = hwAddress.replaceAll(':', '')
    // chaddr: broadcasts of other clients are on the wire too.
    const filter = `udp port 67 and udp[36:4] = 0x${hw.slice(0, 8)} and udp[40:2] = 0x${hw.slice(8)}`
    // A filter counts for the devices named after it.
    const options = ['-f', filter, ...devices.flatMap((name) => ['-i', name])]
    const running = where.start('dumpcap', '-c', `${count}`, '-w', file, ...options)
    await running.until(/File: /)
    return new Capture(where, file, running)
  }

  /** Waits for the last message and gives these fields of every one, in order. */
  async read(...fields: string[]): Promise<Record<string, string>[]> {
    await this.#running.ended
    const names = fields.flatMap((field) => ['-e', field])
    const text = this.#where.run(
      ...([
        'tshark',
        '-n',
        '-r',
        this.file,
        '-T',
        'fields',
        '-E',
        'separator=|',
        ...names,
      ] as const),
    )
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const values = line.split('|')
        return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? '']))
      })
  }
}
