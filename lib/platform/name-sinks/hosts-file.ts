// A file of addresses and names, as in hosts(5): written anew as a whole, and put in the place of
// the former one at once, so that who reads it never finds a part of it.

import { open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { textFromIpv4 } from '../../address/ipv4.ts'
import { textFromIpv6 } from '../../address/ipv6.ts'
import { uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { NamedAddress } from '../../ports/name-sinks.ts'
import { isPlain, Sink, type SinkSettings, slices } from './sink.ts'
import { sorted } from './sorted.ts'

const HEAD = '# Written by whio, which replaces it whenever names of clients change.\n'

interface Line {
  /** By which lines are ordered: addresses of IPv4 come first. */
  readonly order: Octets
  readonly text: string
}

export class HostsFileSink extends Sink {
  readonly #path: string
  /** What is there now; undefined: not known. */
  #written: string | undefined
  #isDue = true

  constructor(path: string, settings: SinkSettings) {
    super(path, settings)
    this.#path = path
    this.wake()
  }

  changed(): void {
    this.#isDue = true
    this.wake()
  }

  protected get waiting(): number {
    return this.#isDue ? 1 : 0
  }

  protected async tell(): Promise<void> {
    this.#isDue = false
    try {
      const text = await this.#text()
      if (text !== this.#written && !this.isClosed) await this.#replace(text)
      this.#written = text
    } catch (error) {
      this.#isDue = true
      throw error
    }
  }

  async #text(): Promise<string> {
    const lines: Line[] = []
    await slices(this.source.all(), (one) => {
      if (one.forward && isPlain(one.name)) lines.push(lineOf(one))
    })
    const ordered = await sorted(lines, ({ order }) => order)
    return HEAD + ordered.map(({ text }) => text).join('')
  }

  async #replace(text: string): Promise<void> {
    // Who reads all files of a folder leaves those alone that begin with a dot.
    const draft = join(dirname(this.#path), `.${basename(this.#path)}.${process.pid}`)
    const file = await open(draft, 'w', 0o644)
    try {
      await file.writeFile(text)
      await file.sync()
      await file.close()
      await rename(draft, this.#path)
    } catch (error) {
      await file.close().catch(() => {})
      await unlink(draft).catch(() => {})
      throw error
    }
  }
}

function lineOf({ address, name }: NamedAddress): Line {
  const dot = name.indexOf('.')
  const short = dot < 0 ? '' : ` ${name.slice(0, dot)}`
  return {
    order: (address.length === 4 ? '4' : '6') + address + name,
    text: `${textOf(address)} ${name}${short} # whio\n`,
  }
}

/** For people and files. */
export function textOf(address: Octets): string {
  return address.length === 4 ? textFromIpv4(uintFromOctets(address, 0, 4)) : textFromIpv6(address)
}
