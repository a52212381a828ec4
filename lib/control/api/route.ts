// What a route of Whio's own API is: a row of the table (routes.ts), which says of it all that
// finding it, judging roles and describing it for programs need, and answers it.

import type { Answer, Asker, ControlRoom, Persona, Schema } from '../command.ts'
import type { EventReader } from '../events/event-reader.ts'

export type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'

export interface ApiRequest {
  readonly method: string
  /** Segments below `/api/v1`, decoded. */
  readonly path: readonly string[]
  /** Of a name that stands there twice the last. */
  readonly query: ReadonlyMap<string, string>
  /** `If-Match` as it was sent, without quotes; undefined where it was not. */
  readonly ifMatch: string | undefined
  /** `Last-Event-ID`: what was seen of a stream that goes on. */
  readonly lastEventId?: string | undefined
  /** The answer is wanted as lines of JSON, or of CSV. */
  readonly wants?: 'lines' | 'csv' | undefined
  /** `Idempotency-Key`: who asks again with it is told what came of it the first time. */
  readonly idempotencyKey?: string | undefined
  /** Undefined where there is none; of CSV the text. */
  readonly body: unknown
  readonly asker: Asker
}

export interface ApiReply {
  readonly status: number
  /** A plain value, with a Listing where it may be very long; undefined: none. */
  readonly body?: unknown
  /** In the place of a body: lines of JSON, in pieces, of which some may be empty. */
  readonly lines?: Iterator<string>
  /** Of the lines; JSON where it is left out. */
  readonly media?: string
  /** In the place of a body: events without an end. */
  readonly events?: EventReader
  readonly etag?: string
}

export type Say = (reply: ApiReply) => void

export interface ApiCall extends ApiRequest {
  /** What the braces of the path stood for. */
  readonly given: Readonly<Record<string, string>>
  readonly room: ControlRoom
  /** Throws ApiRefused where the asker may not give one of these commands of Kea's. */
  demand(...names: readonly string[]): void
  /** Has a command carried out as the asker; told by 403 where the role does not permit it. */
  command(name: string, persona: Persona, args: unknown, then: (answer: Answer) => void): void
  /** What goes on when something the call waited for is there; what it throws is answered. */
  goingOn<Given extends readonly unknown[]>(
    then: (...given: Given) => void,
  ): (...given: Given) => void
}

export interface Route {
  readonly method: Method
  /** Segments; `{name}` stands for any one. */
  readonly path: string
  /** Who may give this command of Kea's may ask this, unless the call demands more. */
  readonly as: string
  /** One sentence without a full stop. */
  readonly summary: string
  readonly query?: Readonly<Record<string, Schema>>
  readonly body?: Schema
  /** A body may be CSV, too. */
  readonly takesCsv?: boolean
  /** Of the answer; JSON where it is left out. */
  readonly media?: string
  run(call: ApiCall, say: Say): void
}

/** What is wrong with a request. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** `problems`: a line each. */
export function refusal(status: number, message: string, problems?: readonly unknown[]): ApiReply {
  return { status, body: { error: message, ...(problems && { problems }) } }
}

const STATUS_OF: Readonly<Record<number, number>> = { 0: 200, 2: 501, 3: 404, 4: 409 }

/** What a command answered, as an answer of the API. */
export function replyOf({ result, text, arguments: told }: Answer): ApiReply {
  const status = STATUS_OF[result] ?? 400
  if (status !== 200) return refusal(status, text ?? 'it was not done')
  const members = typeof told === 'object' && told !== null ? told : {}
  return { status, body: { ...(text === undefined ? {} : { text }), ...members } }
}
