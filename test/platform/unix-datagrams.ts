// A socket of datagrams with a path, as syslog and systemd have them: Node knows none.

import koffi from 'koffi'

const AF_UNIX = 1
const SOCK_DGRAM_NONBLOCK = 2 | 0o4000

const library = koffi.load(null)
const socket = library.func('int socket(int, int, int)')
const bind = library.func('int bind(int, const void *, uint32_t)')
const recv = library.func('long recv(int, _Out_ void *, size_t, int)')
const close = library.func('int close(int)')

export class UnixDatagrams {
  readonly #fd: number

  constructor(path: string) {
    this.#fd = socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0)
    const name = Buffer.from(`\x01\0${path}\0`, 'latin1')
    if (bind(this.#fd, name, name.length) < 0) throw new Error(`${path} cannot be bound`)
  }

  /** All that have come since. */
  receive(): string[] {
    const texts: string[] = []
    const bytes = Buffer.alloc(16_384)
    for (;;) {
      const length = Number(recv(this.#fd, bytes, bytes.length, 0))
      if (length < 0) return texts
      texts.push(bytes.toString('utf8', 0, length))
    }
  }

  close(): void {
    close(this.#fd)
  }
}
