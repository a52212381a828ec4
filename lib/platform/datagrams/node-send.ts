// What is sent by Node: it waits until the kernel has room.

import type { Socket } from 'node:dgram'
import { errnoName } from '../libc.ts'

/** `done` is given the error code of what failed, '' for nothing. */
export function sendByNode(
  socket: Socket,
  bytes: Uint8Array,
  start: number,
  end: number,
  address: string,
  port: number,
  done: (error: string) => void,
): void {
  // A copy: Node may send it after this call has returned.
  const copy = bytes.slice(start, end)
  try {
    socket.send(copy, port, address, (error) =>
      done(error === null ? '' : ((error as NodeJS.ErrnoException).code ?? error.message)),
    )
  } catch (error) {
    done(error instanceof Error ? error.message : String(error))
  }
}

/** Whether a call failed because the kernel has no room at present. */
export function isFull(result: number): boolean {
  const name = errnoName(result)
  return name === 'EAGAIN' || name === 'EWOULDBLOCK' || name === 'ENOBUFS'
}
