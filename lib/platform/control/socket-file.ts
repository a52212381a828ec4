// The file of a unix socket. As in Kea, who serves it holds a lock on `<path>.lock`: a socket that
// is there without it was left behind. Where this machine's C library cannot be called, whoever
// answers on the socket holds it.

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'
import { loadLibc } from '../libc.ts'

/** Whoever may write there may give commands: this user and this group. */
const SOCKET_MODE = 0o660
const LOCK_MODE = 0o600
const FOLDER_MODE = 0o750

export interface SocketLock {
  /** Takes the files away, the socket with them. */
  release(): void
}

/** The path is free when it resolves; rejects with what stands in the way. */
export async function lockSocket(path: string): Promise<SocketLock> {
  const folder = dirname(path)
  // The folder of sockets is gone after a start of the machine, those above it are not.
  if (!existsSync(folder) && existsSync(dirname(folder))) mkdirSync(folder, { mode: FOLDER_MODE })
  const libc = loadLibc()
  const lock = `${path}.lock`
  if (typeof libc === 'string') {
    if (await isAnswered(path)) throw new Error(IN_USE)
    rmSync(path, { force: true })
    return { release: () => rmSync(path, { force: true }) }
  }
  const fd = openSync(lock, 'a', LOCK_MODE)
  if (libc.lockFile(fd) < 0) {
    closeSync(fd)
    throw new Error(IN_USE)
  }
  rmSync(path, { force: true })
  return {
    release() {
      rmSync(path, { force: true })
      rmSync(lock, { force: true })
      closeSync(fd)
    },
  }
}

const IN_USE = 'another server has it'

/** Until this is called the umask keeps others out. */
export function openToGroup(path: string): void {
  chmodSync(path, SOCKET_MODE)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
