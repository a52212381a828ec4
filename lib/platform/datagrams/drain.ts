// Takes what waits in the kernel, many datagrams at once.

import type { Libc } from '../libc.ts'
import { MessageVector } from './message-vector.ts'
import type { TurnPace } from './turn-pace.ts'

/** Longest datagram that is handed over, bytes; a client has no use for more. */
export const DATAGRAM_MAX = 4096

const VECTOR_COUNT = 64

/** One for all sockets of a family: a drain never nests. */
export class Drain {
  readonly libc: Libc
  readonly vector: MessageVector
  /** undefined: whatever comes is handed over at once. */
  readonly pace: TurnPace | undefined

  /** `nameLength`: of the socket addresses that come with the datagrams. */
  constructor(libc: Libc, pace: TurnPace | undefined, nameLength: number) {
    this.libc = libc
    this.pace = pace
    this.vector = new MessageVector(libc, VECTOR_COUNT, DATAGRAM_MAX, nameLength)
  }
}
