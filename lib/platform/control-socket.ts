// The operator's door to a running server: a Unix socket beside the journal, for whoever may write
// there (mode 0600). A connection asks one thing, a line of JSON, and gets a line back:
//
//   {"command":"partner-off"}      {"done":true,"why":""}
//   {"command":"status"}           {"done":true,"why":"","status":{ ... }}
//   {"command":"why","about":"192.0.2.10"}

import { chmodSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { type OrderResult, refused } from '../catalogue/order-result.ts'
import { socketPathTrouble } from '../config/plan/socket-path.ts'
import type { Millis } from '../time/units.ts'
import { wordsOf } from './system-error.ts'

/** What is answered; on the socket `allowed` is called `done`. */
export interface ControlReply extends OrderResult {
  readonly status?: unknown
  /** What is known of a client. */
  readonly told?: unknown
  /** What is wrong with a configuration, a line each. */
  readonly problems?: readonly string[]
  /** What the other server of the pair is called. */
  readonly partner?: string
}

/**
 * Carries a command out and calls `answer` once, at once or later. `about`: whom or what it is
 * about, '' where that was not said.
 */
export type ControlDuty = (
  command: string,
  answer: (reply: ControlReply) => void,
  about: string,
) => void

const QUESTION_MAX = 4 * 1024 * 1024
const CONNECTIONS_MAX = 16
/** Who has not asked by then is not waited for. */
const PATIENCE: Millis = 5000

/** The socket of the server with this journal. */
export function controlPathOf(journal: string): string {
  return `${journal}.control`
}

/**
 * Opens the door. The caller holds the journal's lock, so a socket that is there was left behind.
 * Trouble (a path that is too long for a socket, a folder that may not be written) is told, and
 * ends nothing.
 */
export function openControl(
  path: string,
  duty: ControlDuty,
  onTrouble: (trouble: string) => void,
): { close(): void } {
  const tooLong = socketPathTrouble(path)
  if (tooLong !== undefined) {
    onTrouble(tooLong)
    return { close() {} }
  }
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    listenTo(socket, duty, onTrouble)
  })
  server.maxConnections = CONNECTIONS_MAX
  server.on('error', (error) => onTrouble(wordsOf(error)))
  try {
    rmSync(path, { force: true })
    // Until the mode is set the umask of the daemon keeps others out.
    server.listen(path, () => chmodSync(path, 0o600))
  } catch (error) {
    onTrouble(wordsOf(error))
  }
  return {
    close() {
      // Takes the socket's file away, too.
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function listenTo(socket: Socket, duty: ControlDuty, onTrouble: (trouble: string) => void): void {
  let text = ''
  socket.setTimeout(PATIENCE, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part
    const isWaited = text.startsWith('{') && text.length <= QUESTION_MAX
    if (isWaited && !text.includes('\n')) return
    socket.removeAllListeners('data').resume()
    socket.setTimeout(0)
    const question = questionIn(text.slice(0, text.indexOf('\n')))
    const answer = ({ allowed: done, ...rest }: ControlReply) =>
      socket.end(`${JSON.stringify({ done, ...rest })}\n`)
    if (question === undefined) return answer(refused('a line {"command":"..."} is expected'))
    try {
      duty(question.command, answer, question.about)
    } catch (error) {
      const { message, stack = message } = error as Error
      onTrouble(stack)
      answer(refused(`an error of the server: ${message}`))
    }
  })
}

interface Question {
  readonly command: string
  readonly about: string
}

function questionIn(line: string): Question | undefined {
  try {
    const { command, about = '' } = JSON.parse(line) as { command?: unknown; about?: unknown }
    const isOne = typeof command === 'string' && typeof about === 'string'
    return isOne ? { command, about } : undefined
  } catch {
    return undefined
  }
}

/**
 * Asks the server behind the socket. Rejects where there is none, it does not answer within
 * `patience`, or the socket may not be used.
 */
export function askControl(
  path: string,
  command: string,
  patience: Millis = 15_000,
  about?: string,
): Promise<ControlReply> {
  const tooLong = socketPathTrouble(path)
  if (tooLong !== undefined) return Promise.reject(new Error(tooLong))
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    let text = ''
    const silence = `no answer within ${patience / 1000} s`
    const timer = setTimeout(() => socket.destroy(new Error(silence)), patience)
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      try {
        const { done: allowed, ...rest } = JSON.parse(text)
        resolve({ allowed, ...rest })
      } catch {
        reject(new Error('it ended without an answer'))
      }
    })
    socket.write(`${JSON.stringify({ command, about })}\n`)
  })
}
