// Golden packets: annotated hexadecimal, a line `---`, and what Whio reads in it. REWRITE=1 writes
// the second part anew; read the difference before committing it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { describe4 } from './describe4.ts'

const FOLDER = new URL('../packets/v4/', import.meta.url)

export interface Golden {
  readonly name: string
  readonly bytes: Uint8Array
  /** What the file says. */
  readonly listing: string
}

export function goldens(): Golden[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => readGolden(file))
}

function readGolden(file: string): Golden {
  const text = readFileSync(new URL(file, FOLDER), 'utf8')
  const [packet = '', listing = ''] = text.split(/^---\n/m)
  const bytes = new Uint8Array(Buffer.from(packet.replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex'))
  const golden = { name: file.replace('.txt', ''), bytes, listing }
  if (process.env.REWRITE !== '1') return golden
  writeFileSync(new URL(file, FOLDER), `${packet}---\n${list(bytes)}`)
  return { ...golden, listing: list(bytes) }
}

/** The listing of a datagram, or why it is refused and how it reads leniently. */
export function list(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const message = new Message4()
  const refused = decode4(message, bytes, start, end, 'strict')
  if (refused === undefined) return describe4(message)
  if (decode4(message, bytes, start, end, 'lenient') !== undefined) return `refused ${refused}\n`
  return `refused ${refused}\nlenient:\n${describe4(message)}`
}
