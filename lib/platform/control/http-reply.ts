// Answers on their way out. Kea's clients need to be told how long an answer is before it comes, so
// a long one is written to a file that has no name, piece by piece, and sent from there.

import type { ServerResponse } from 'node:http'
import { writePieces } from './answer-writer.ts'
import type { Slices } from './slices.ts'
import { Spool } from './spool.ts'

/** Characters that are kept in memory until the length is known. */
const SHORT = 1 << 20

/** A whole answer. */
export function sendText(out: ServerResponse, status: number, type: string, text: string): void {
  if (out.destroyed || out.headersSent) return
  const bytes = Buffer.from(text)
  begin(out, status, type, bytes.length)
  out.end(bytes)
}

/** To who cannot be answered, by an error of ours; who has part of an answer is cut off. */
export function sendFault(out: ServerResponse): void {
  if (out.headersSent) out.destroy()
  else sendText(out, 500, 'application/json', FAULT)
}

const FAULT = '{ "result": 500, "text": "Internal Server Error" }'

/** One that comes in pieces. */
export function sendPieces(
  out: ServerResponse,
  status: number,
  type: string,
  pieces: Iterator<string>,
  slices: Slices,
): void {
  const parts: string[] = []
  let size = 0
  const lost = (): void => sendFault(out)
  const next = (): void => {
    if (out.destroyed) return
    const { value, done } = pieces.next()
    if (done === true) return sendText(out, status, type, parts.join(''))
    parts.push(value)
    size += value.length
    if (size <= SHORT) return slices.add(next, lost)
    const spool = new Spool(parts, pieces, slices)
    const send = (length: number): void => {
      begin(out, status, type, length)
      spool.send(out)
    }
    spool.fill(out, send, lost)
  }
  slices.now(next, lost)
}

/** One that may go on for long, at the pace of who reads it: its length is not known before. */
export function sendLines(
  out: ServerResponse,
  type: string,
  lines: Iterator<string>,
  slices: Slices,
): void {
  if (out.destroyed) return
  out.writeHead(200, { 'Content-Type': type })
  writePieces(out, lines, slices, () => out.end())
}

function begin(out: ServerResponse, status: number, type: string, length: number): void {
  // Kea says nothing of the connection; only who cannot know is told.
  if (out.shouldKeepAlive && out.req.httpVersion === '1.1') out.removeHeader('Connection')
  out.writeHead(status, { 'Content-Length': length, 'Content-Type': type })
}

export function isLocal(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}
