// Asks a server through the doors that its configuration opens for commands.

import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions as TlsOptions } from 'node:https'
import { createConnection } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { socketPathTrouble } from '../config/plan/socket-path.ts'

const PATIENCE = 60_000

/** The answer is whole when the server closes. */
export async function askUnix(path: string, request: string): Promise<string> {
  const tooLong = socketPathTrouble(path)
  if (tooLong !== undefined) throw new Error(tooLong)
  const socket = createConnection(path)
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error('no answer')))
  socket.write(request)
  const answer = await textOf(socket)
  if (answer === '') throw new Error('it ended without an answer')
  return answer
}

export interface HttpWish {
  readonly url: string
  readonly request: string
  readonly user?: string | undefined
  readonly 'password-file'?: string | undefined
  /** In the place of a file. */
  readonly password?: string | undefined
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** How long it is waited for an answer. */
  readonly patience?: number
}

/** Rejects with `HTTP Error 401: Unauthorized` and the like. */
export function askHttp(wish: HttpWish): Promise<string> {
  const url = new URL(wish.url)
  const files = (['ca', 'cert', 'key'] as const).flatMap((name) => {
    const file = wish[name]
    return file === undefined ? [] : [[name, readFileSync(file)] as const]
  })
  const options: TlsOptions = {
    method: 'POST',
    timeout: wish.patience ?? PATIENCE,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(wish.request),
    },
    ...(wish.user === undefined ? {} : { auth: `${wish.user}:${passwordOf(wish)}` }),
    ...Object.fromEntries(files),
  }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const asked = send(url, options, (reply) => {
      const { statusCode = 0, statusMessage = '' } = reply
      textOf(reply).then((body) => {
        if (statusCode < 400) resolve(body)
        else reject(new Error(`HTTP Error ${statusCode}: ${statusMessage}`))
      }, reject)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', reject)
    asked.end(wish.request)
  })
}

function passwordOf({ password, 'password-file': file }: HttpWish): string {
  if (password !== undefined) return password
  return file === undefined ? '' : readFileSync(file, 'utf8').replace(/\r?\n$/, '')
}
