// Where a command ends on a stream that has neither lengths nor ends of lines: where its brackets
// balance, those in strings and comments left out. What stands between them is for the parser.

const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const HASH = 0x23
const SLASH = 0x2f
const STAR = 0x2a
const LINE_END = 0x0a

/** What the next character belongs to. */
type Place = 'json' | 'string' | 'escape' | 'slash' | 'line' | 'block' | 'star'

/** `more`: it goes on. `whole`: it ended. `wrong`: it began with what begins no command. */
export type Framed = 'more' | 'whole' | 'wrong'

export class Framer {
  #place: Place = 'json'
  #depth = 0
  /** Behind the last byte of the command, once it is whole; of what is wrong, where that stands. */
  #end = 0

  get end(): number {
    return this.#end
  }

  /** Nothing but blanks and comments has come. */
  get isBlank(): boolean {
    return this.#depth === 0
  }

  /** Reads on. Bytes behind the end are not looked at. */
  take(bytes: Uint8Array): Framed {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (this.#place !== 'json') this.#place = after(this.#place, byte)
      else {
        const framed = this.#json(byte)
        if (framed !== 'more') {
          this.#end += framed === 'whole' ? at + 1 : at
          return framed
        }
      }
    }
    this.#end += bytes.length
    return 'more'
  }

  #json(byte: number): Framed {
    switch (byte) {
      case OPEN_MAP:
      case OPEN_LIST:
        this.#depth++
        return 'more'
      case CLOSE_MAP:
      case CLOSE_LIST:
        if (this.#depth === 0) return 'wrong'
        this.#depth--
        return this.#depth === 0 ? 'whole' : 'more'
      case HASH:
        this.#place = 'line'
        return 'more'
      case SLASH:
        this.#place = 'slash'
        return 'more'
      default:
        if (this.#depth === 0) return isBlank(byte) ? 'more' : 'wrong'
        if (byte === QUOTE) this.#place = 'string'
        return 'more'
    }
  }
}

function after(place: Place, byte: number): Place {
  switch (place) {
    case 'string':
      return byte === QUOTE ? 'json' : byte === BACKSLASH ? 'escape' : 'string'
    case 'escape':
      return 'string'
    case 'slash':
      return byte === SLASH ? 'line' : byte === STAR ? 'block' : 'json'
    case 'line':
      return byte === LINE_END ? 'json' : 'line'
    case 'block':
      return byte === STAR ? 'star' : 'block'
    default:
      return byte === SLASH ? 'json' : byte === STAR ? 'star' : 'block'
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}
