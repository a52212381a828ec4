// Golden packets: annotated hexadecimal, a line `---`, and what Whio reads in it. REWRITE=1 writes
// the second part anew; read the difference before committing it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { decode6, decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import { linesOfMessage6 } from '../../lib/wire/v6/text.ts'
import { describe4 } from './describe4.ts'

export interface Golden {
  readonly name: string
  readonly bytes: Uint8Array
  /** What the file says. */
  readonly listing: string
}

/** Those of DHCPv4. */
export function goldens(): Golden[] {
  return goldensIn('v4', list)
}

export function goldens6(): Golden[] {
  return goldensIn('v6', list6)
}

function goldensIn(family: 'v4' | 'v6', list: (bytes: Uint8Array) => string): Golden[] {
  const folder = new URL(`../packets/${family}/`, import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => readGolden(new URL(file, folder), file, list))
}

function readGolden(path: URL, file: string, list: (bytes: Uint8Array) => string): Golden {
  const text = readFileSync(path, 'utf8')
  const [packet = '', listing = ''] = text.split(/^---\n/m)
  const bytes = new Uint8Array(Buffer.from(packet.replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex'))
  const golden = { name: file.replace('.txt', ''), bytes, listing }
  if (process.env.REWRITE !== '1') return golden
  writeFileSync(path, `${packet}---\n${list(bytes)}`)
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

/**
 * The same of DHCPv6, where a message that goes back through relays is told from one that comes
 * through them.
 */
export function list6(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const message = new Message6()
  const refused = decode6(message, bytes, start, end)
  if (refused === undefined) return listing6(message)
  if (bytes[start] !== MESSAGE_TYPE6.relayReply) return `refused ${refused}\n`
  const wrong = decodeReply6(message, bytes, start, end)
  return `refused ${refused}\nreply: ${wrong === undefined ? `\n${listing6(message)}` : `${wrong}\n`}`
}

function listing6(message: Message6): string {
  const cut = message.isCut ? ['cut'] : []
  return [...linesOfMessage6(message), ...cut].map((line) => `${line}\n`).join('')
}
