// What the doors ask of the room behind them: commands come in as text, answers go out as values
// that may be very long.

import type { Persona, RolePlan } from '../../config/plan/control-plan.ts'
import type { Role } from '../../config/plan/role.ts'

export interface DoorAsker {
  /** Empty where the door asks for no name. */
  readonly user: string
  readonly role: Role
  /** Address and port, or the path of the socket. */
  readonly from: string
  readonly door: 'unix' | 'http' | 'https'
}

export interface DoorReply {
  readonly status: number
  readonly body: unknown
}

/** A request of Whio's own API. */
export interface ApiQuestion {
  readonly method: string
  /** Segments below `/api/v1`, decoded. */
  readonly path: readonly string[]
  readonly query: ReadonlyMap<string, string>
  /** Of the header If-Match, without quotes. */
  readonly ifMatch: string | undefined
  /** Of the header Last-Event-ID. */
  readonly lastEventId: string | undefined
  /** The answer is wanted as lines of JSON, or of CSV. */
  readonly wants: 'lines' | 'csv' | undefined
  /** The body is CSV. */
  readonly isCsv: boolean
  /** Of the header Idempotency-Key. */
  readonly idempotencyKey: string | undefined
  /** '' for none. */
  readonly text: string
  readonly asker: DoorAsker
}

export interface ApiReply {
  readonly status: number
  readonly body?: unknown
  /** In the place of a body: lines, in pieces. */
  readonly lines?: Iterator<string>
  /** Of lines; JSON where it is left out. */
  readonly media?: string
  /** In the place of a body: events without an end. */
  readonly events?: EventSource
  readonly etag?: string
}

/** Events for one who follows them. */
export interface EventSource {
  /** Some as text, maybe none of it; undefined: all were told. */
  take(): string | undefined
  /** Called when there is more; and when there will never be. */
  onNews: () => void
  onEnd: () => void
  /** Nobody follows any more. */
  close(): void
}

export interface Desk {
  /** Through a unix socket. `answer` is called once, at once or later. */
  ask(text: string, persona: Persona, asker: DoorAsker, answer: (answer: unknown) => void): void
  /** Through HTTP. */
  askHttp(
    text: string,
    persona: Persona,
    asker: DoorAsker,
    answer: (reply: DoorReply) => void,
  ): void
  /** Through Whio's own API. */
  askApi(question: ApiQuestion, answer: (reply: ApiReply) => void): void
  /** An answer as text, piece by piece; each takes a few milliseconds at most. */
  pieces(answer: unknown): Iterator<string>
}

/** What all doors have in common, as it is at the moment. */
export interface House {
  readonly desk: Desk
  readonly roles: readonly RolePlan[]
  readonly health: HealthFace
  /** What there is to ask, as OpenAPI. */
  describe(): object
  /** What a collector of Prometheus is told; left out where nothing is counted. */
  readonly metrics?: () => Measured | Promise<Measured>
}

/** A text, which may be in pieces, and the media type that it has. */
export interface Measured {
  readonly type: string
  readonly text: string | readonly string[]
}

/** Empty lists: it is well. */
export interface HealthFace {
  /** Why a restart would help, or nothing will. */
  troubles(): readonly string[]
  /** Why clients are not answered at the moment, or commands not taken. */
  unready(): readonly string[]
}
