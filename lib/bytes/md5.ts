// MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), which is what the reconfigure key protocol of DHCPv6 is
// made of (RFC 9915 §20.4). For nothing else: MD5 keeps no secret by itself any more.

const BLOCK = 64
const DIGEST = 16

const SHIFTS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
]

/** RFC 1321 §3.4: the integer parts of 2^32 · |sin(i)|. */
const SINES = Int32Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32),
)

export function md5(bytes: Uint8Array): Uint8Array {
  const padded = paddedOf(bytes)
  const view = new DataView(padded.buffer)
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
  for (let at = 0; at < padded.length; at += BLOCK) round(state, view, at)
  const digest = new DataView(new ArrayBuffer(DIGEST))
  for (let word = 0; word < 4; word++) digest.setInt32(4 * word, state[word]!, true)
  return new Uint8Array(digest.buffer)
}

/** A one, zeros, and the length in bits, so that whole blocks come of it. */
function paddedOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(BLOCK * Math.ceil((bytes.length + 9) / BLOCK))
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, (bytes.length * 8) >>> 0, true)
  view.setUint32(padded.length - 4, Math.floor((bytes.length * 8) / 2 ** 32), true)
  return padded
}

function round(state: Int32Array, view: DataView, at: number): void {
  let [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!]
  for (let step = 0; step < BLOCK; step++) {
    const turn = step >>> 4
    const word = view.getInt32(at + 4 * wordOf(turn, step), true)
    const sum = (a + mixed(turn, b, c, d) + SINES[step]! + word) | 0
    const shift = SHIFTS[turn]![step & 3]!
    a = d
    d = c
    c = b
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
}

function wordOf(turn: number, step: number): number {
  if (turn === 0) return step
  if (turn === 1) return (5 * step + 1) & 15
  return turn === 2 ? (3 * step + 5) & 15 : (7 * step) & 15
}

function mixed(turn: number, b: number, c: number, d: number): number {
  if (turn === 0) return (b & c) | (~b & d)
  if (turn === 1) return (b & d) | (c & ~d)
  return turn === 2 ? b ^ c ^ d : c ^ (b | ~d)
}

export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK)
  block.set(key.length > BLOCK ? md5(key) : key)
  const inner = md5(
    joined(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  )
  return md5(
    joined(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length)
  bytes.set(one)
  bytes.set(other, one.length)
  return bytes
}
