// A plain reading of DHCPv6 datagrams, beside the one that is fast: slices in slices, by recursion,
// everything at once. The campaign has both read the same and compares.

import { bytesFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import type { Options6 } from '../../lib/wire/v6/message.ts'
import type { Message6 } from '../../lib/wire/v6/reader.ts'

interface PlainOption {
  readonly code: number
  readonly data: Uint8Array
  readonly inside: readonly PlainOption[]
}

/** What is read of a datagram, as JSON would have it. */
export type Reading = string

class Refused extends Error {}
class Cut extends Error {}

const INSIDE: Readonly<Record<number, number>> = { 3: 12, 25: 12, 5: 24, 26: 25, 45: 0 }
const EXACT: Readonly<Record<number, number>> = {
  7: 1,
  8: 2,
  12: 16,
  19: 1,
  32: 4,
  82: 4,
  83: 4,
  135: 2,
}
const LEAST: Readonly<Record<number, number>> = {
  ...{ 3: 12, 25: 12, 5: 24, 26: 25, 13: 2, 15: 1, 16: 4, 17: 4, 18: 1, 37: 4, 38: 1, 39: 1 },
  ...{ 79: 2, 87: 236 },
}

function uint(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (const byte of bytes.subarray(at, at + size)) value = value * 256 + byte
  return value
}

/** Pieces behind a length of two octets each, which themselves stand behind `skip` octets. */
function fills(bytes: Uint8Array, skip: number): boolean {
  if (bytes.length === 0) return true
  if (bytes.length < skip + 2) return false
  const end = skip + 2 + uint(bytes, skip, 2)
  return end <= bytes.length && fills(bytes.subarray(end), skip)
}

function isName(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true
  const length = bytes[0]!
  if (length === 0) return bytes.length === 1
  return length < 64 && length < bytes.length && isName(bytes.subarray(1 + length))
}

function isGood(code: number, data: Uint8Array): boolean {
  if (data.length < (LEAST[code] ?? 0)) return false
  if (code in EXACT && data.length !== EXACT[code]) return false
  if (code === 26) return data[8]! <= 128
  if (code === 15 || code === 60) return fills(data, 0)
  if (code === 16) return fills(data.subarray(4), 0)
  if (code === 17) return fills(data.subarray(4), 2)
  return code !== 39 || (data.length <= 256 && isName(data.subarray(1)))
}

/** The good options; `onCut` is told of what runs past the end. */
function options(
  bytes: Uint8Array,
  depth: number,
  onCut: (code: number | undefined) => void,
): PlainOption[] {
  const found: PlainOption[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.length < 4 ? Number.NaN : 4 + uint(rest, 2, 2)
    if (!(end <= rest.length)) {
      onCut(rest.length < 4 ? undefined : uint(rest, 0, 2))
      break
    }
    const code = uint(rest, 0, 2)
    const data = rest.subarray(4, end)
    rest = rest.subarray(end)
    if (code === 0 || !isGood(code, data)) continue
    const option = withInside(code, data, depth)
    if (option !== undefined) found.push(option)
  }
  return found
}

function withInside(code: number, data: Uint8Array, depth: number): PlainOption | undefined {
  const head = INSIDE[code]
  if (head === undefined || data.length <= head) return { code, data, inside: [] }
  if (depth === 10) throw new Refused('bad-option')
  const cut = () => {
    throw new Cut()
  }
  try {
    return { code, data, inside: options(data.subarray(head), depth + 1, cut) }
  } catch (error) {
    // Whatever is around an option that is cut goes with it.
    if (error instanceof Cut && depth === 0) return undefined
    throw error
  }
}

const bare = ({ code, data }: PlainOption) => [code, octetsFromBytes(data)]

function relaysOf(bytes: Uint8Array): { relays: unknown[]; inner: Uint8Array } {
  const relays: unknown[] = []
  let inner = bytes
  while (inner[0] === 12 || inner[0] === 13) {
    if (inner[0] === 13 || inner.length < 34) throw new Refused('bad-relay')
    if (relays.length === 32) throw new Refused('too-many-relays')
    const list = options(inner.subarray(34), 0, () => {
      throw new Refused('bad-relay')
    })
    const messages = list.filter(({ code }) => code === 9)
    if (messages.length !== 1 || messages[0]!.data.length < 4) throw new Refused('bad-relay')
    relays.push([
      inner[1],
      octetsFromBytes(inner.subarray(2, 18)),
      octetsFromBytes(inner.subarray(18, 34)),
      list.map(bare),
    ])
    inner = messages[0]!.data
  }
  return { relays, inner }
}

function idOf(list: readonly PlainOption[], code: number): Uint8Array | undefined {
  const ids = list.filter((option) => option.code === code)
  if (ids.length > 1) throw new Refused('several-ids')
  return ids[0]?.data
}

function keyOf({ code, data }: PlainOption): string {
  if (code === 5) return `\x80${octetsFromBytes(data.subarray(0, 16))}`
  const bits = [...data.subarray(9, 25)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, data[8]!)
    .padEnd(128, '0')
  const octets = bits.replace(/.{8}/g, (byte) => String.fromCharCode(Number.parseInt(byte, 2)))
  return String.fromCharCode(data[8]!) + octets
}

function iasOf(list: readonly PlainOption[]): unknown[] {
  let room = 64
  const ias = list.filter(({ code }) => code === 3 || code === 25).slice(0, 32)
  return ias.map(({ code, data, inside }) => {
    const entryCode = code === 3 ? 5 : 26
    const entries = inside.filter((option) => option.code === entryCode).slice(0, room)
    room -= entries.length
    const at = code === 3 ? 16 : 0
    return [
      code,
      uint(data, 0, 4),
      uint(data, 4, 4),
      uint(data, 8, 4),
      inside.map(bare),
      entries.map((entry) => [
        keyOf(entry),
        uint(entry.data, at, 4),
        uint(entry.data, at + 4, 4),
        entry.inside.map(bare),
      ]),
    ]
  })
}

/** The plain reading of a datagram. */
export function plainReading(bytes: Uint8Array): Reading {
  try {
    if (bytes.length < 4) throw new Refused('too-short')
    const { relays, inner } = relaysOf(bytes)
    const cut: (number | undefined)[] = []
    const list = options(inner.subarray(4), 0, (code) => void cut.push(code))
    if (cut[0] === 1 || cut[0] === 2) throw new Refused('bad-option')
    const [client, server] = [idOf(list, 1), idOf(list, 2)]
    const isDuid = ({ length }: Uint8Array) => length >= 3 && length <= 130
    if (client !== undefined && (!isDuid(client) || octetsFromBytes(client) === '\0\0\0'))
      throw new Refused('bad-client-id')
    if (server !== undefined && !isDuid(server)) throw new Refused('bad-option')
    const asked = list.find(({ code }) => code === 6)?.data ?? new Uint8Array(0)
    const requests = Array.from({ length: asked.length >> 1 }, (_, at) => uint(asked, 2 * at, 2))
    const elapsed = list.find(({ code }) => code === 8)?.data
    return JSON.stringify({
      head: [inner[0], uint(inner, 1, 3), cut.length > 0],
      ids: [
        octetsFromBytes(client ?? new Uint8Array(0)),
        octetsFromBytes(server ?? new Uint8Array(0)),
      ],
      elapsed: elapsed === undefined ? -1 : uint(elapsed, 0, 2),
      requests: [...new Set(requests)].sort((one, other) => one - other),
      relays,
      options: list.map(bare),
      ias: iasOf(list),
    })
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

/** Those that may be, and those that options have. */
function codesAskedFor(message: Message6): Iterable<number> {
  const asked = bytesFromOctets(message.option(6) ?? '')
  const named = Array.from({ length: asked.length >> 1 }, (_, at) => uint(asked, 2 * at, 2))
  const usual = Array.from({ length: 256 }, (_, code) => code)
  return [...new Set([...usual, ...named])].sort((one, other) => one - other)
}

/** The same of what the reader of the server made of it. */
export function readingOf(message: Message6): Reading {
  const seen = new Map<string, number>()
  const pairs = (options: Options6) => {
    seen.clear()
    return options.codes().map((code) => {
      const instance = seen.get(`${code}`) ?? 0
      seen.set(`${code}`, instance + 1)
      return [code, options.all(code)[instance]]
    })
  }
  const requests: number[] = []
  for (const code of codesAskedFor(message)) if (message.isRequested(code)) requests.push(code)
  return JSON.stringify({
    head: [message.type, message.xid, message.isCut],
    ids: [message.clientId, message.serverId],
    elapsed: message.elapsed,
    requests,
    relays: message.relays.map((relay) => [
      relay.hopCount,
      relay.linkAddress,
      relay.peerAddress,
      pairs(relay),
    ]),
    options: pairs(message),
    ias: message.ias.map((ia) => [
      ia.kind,
      ia.iaid,
      ia.t1,
      ia.t2,
      pairs(ia),
      ia.entries.map((entry) => [entry.key, entry.preferred, entry.valid, pairs(entry)]),
    ]),
  })
}
