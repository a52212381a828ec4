// Whio's own API, beside Kea's commands and over the same functions: what a browser or a script
// would rather ask. Each request has a route (routes.ts), and each route is permitted to whoever
// may give the command of Kea's that does the same.

import { tell } from '../../ports/log.ts'
import { auditLine } from '../audit.ts'
import type { Answer, Command, ControlRoom } from '../command.ts'
import type { Dispatcher } from '../dispatcher.ts'
import type { Parsed } from '../parse.ts'
import { bounded, INTERNAL, tellFault } from '../refused.ts'
import { permits } from '../roles.ts'
import { COMMANDS } from '../table.ts'
import { IdempotencyKeys } from './idempotency.ts'
import {
  type ApiCall,
  ApiRefused,
  type ApiReply,
  type ApiRequest,
  type Route,
  refusal,
  type Say,
} from './route.ts'

interface ApiText {
  readonly text: string
  readonly isCsv?: boolean
}

export class Api {
  readonly #room: ControlRoom
  readonly #dispatcher: Dispatcher
  readonly #routes: readonly Route[]
  readonly #keys: IdempotencyKeys

  constructor(room: ControlRoom, dispatcher: Dispatcher, routes: readonly Route[]) {
    this.#room = room
    this.#dispatcher = dispatcher
    this.#routes = routes
    this.#keys = new IdempotencyKeys((text) => {
      const sum = room.configHost.sum()
      sum.add(text)
      return sum.hex()
    })
  }

  /** The body as it was sent, '' for none. */
  askText({ text, isCsv, ...request }: Omit<ApiRequest, 'body'> & ApiText, say: Say): void {
    if (isCsv || text.trim() === '')
      return this.#once(request, text, say, (answer) =>
        this.ask({ ...request, body: text.trim() === '' ? undefined : text }, answer),
      )
    const go = ({ value, trouble }: Parsed): void => {
      if (trouble !== undefined) return say(refusal(400, trouble))
      this.#once(request, text, say, (answer) => this.ask({ ...request, body: value }, answer))
    }
    this.#dispatcher.read(text, this.#bounded(say, go))
  }

  /** What was asked before with the same key is not done again. */
  #once(request: Omit<ApiRequest, 'body'>, text: string, say: Say, ask: (say: Say) => void): void {
    const { method, idempotencyKey: key } = request
    if (key === undefined || method === 'GET') ask(say)
    else this.#keys.ask({ ...request, key, text }, this.#room.server.now(), say, ask)
  }

  ask(request: ApiRequest, say: Say): void {
    const found = this.#routes.flatMap((route) => {
      const given = matched(route.path, request.path)
      return given === undefined ? [] : [{ route, given }]
    })
    if (found.length === 0) return say(refusal(404, 'there is nothing at this address'))
    const fit = found.find(({ route }) => route.method === request.method)
    if (fit === undefined) return say(refusal(405, 'this address has other methods'))
    const { route, given } = fit
    const command = COMMANDS.get(route.as)!
    if (!permits(request.asker.role, command)) {
      this.#audit(command, request, 'forbidden')
      return say(FORBIDDEN)
    }
    if (this.#room.server.state === 'starting' && command.library === 'lease_cmds')
      return say(refusal(503, 'the lease database is being read: ask again'))
    if (typeof request.body === 'string' && route.takesCsv !== true)
      return say(refusal(415, 'this address takes JSON'))
    const unknown = command.access === 'write' ? unknownOf(route, request) : undefined
    if (unknown !== undefined) return say(refusal(400, `${unknown}: nothing was done`))
    const isDone = command.access === 'write' && request.query.get('dry-run') !== '1'
    let isTold = false
    let isAnswered = false
    const answer: Say = (reply) => {
      if (isAnswered) return
      isAnswered = true
      if (isDone && !isTold) this.#audit(command, request, answerOf(reply))
      say(reply)
    }
    const call: ApiCall = {
      ...{ ...request, given, room: this.#room },
      demand: (...names) => {
        const refused = names.some((name) => !permits(request.asker.role, COMMANDS.get(name)!))
        if (refused) throw new ApiRefused(403, NOT_PERMITTED)
      },
      command: (name, persona, args, then) => {
        // The command tells the log itself.
        isTold = true
        const order = { command: name, arguments: args, service: undefined }
        const go = (given: Answer | 'forbidden') =>
          given === 'forbidden' ? say(FORBIDDEN) : then(given)
        this.#dispatcher.give(order, persona, request.asker, this.#bounded(answer, go))
      },
      goingOn: (then) => this.#bounded(answer, then),
    }
    call.goingOn(() => route.run(call, answer))()
  }

  /** Whatever is thrown there is an answer. */
  #bounded<Given extends readonly unknown[]>(say: Say, work: (...given: Given) => void) {
    return bounded(work, (error) => {
      if (error instanceof ApiRefused) return say(refusal(error.status, error.message))
      tellFault(error, this.#room)
      say(refusal(500, INTERNAL))
    })
  }

  #audit(
    { name }: Command,
    { method, path, body, asker }: ApiRequest,
    answer: Answer | 'forbidden',
  ): void {
    const command = `${name} by ${method} /${path.join('/')}`
    const asked = { command, arguments: body, persona: 'ca', asker } as const
    const { id, fields } = auditLine(asked, answer)
    tell(this.#room.log, id, fields)
  }
}

/** A change that was only to be tried must not be made since nobody knows the word for that. */
function unknownOf({ query = {} }: Route, request: ApiRequest): string | undefined {
  for (const name of request.query.keys())
    if (!Object.hasOwn(query, name)) return `'${name}' is no parameter of this address`
  const dry = request.query.get('dry-run') ?? '0'
  return dry === '0' || dry === '1' ? undefined : 'dry-run is 0 or 1'
}

/** For the log. */
function answerOf({ status, body }: ApiReply): Answer {
  if (status < 400) return { result: 0 }
  return { result: 1, text: String((body as { error?: unknown } | undefined)?.error ?? status) }
}

const NOT_PERMITTED = 'the role does not permit it'
const FORBIDDEN = refusal(403, NOT_PERMITTED)

/** What the braces stand for; undefined where the address is another. */
function matched(
  pattern: string,
  path: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const parts = pattern.split('/').slice(1)
  if (parts.length !== path.length) return undefined
  const given: Record<string, string> = {}
  for (const [at, part] of parts.entries()) {
    const segment = path[at]!
    const [, name, end = ''] = /^\{(\w+)\}(.*)$/.exec(part) ?? []
    if (name === undefined) {
      if (part !== segment) return undefined
    } else if (segment.length > end.length && segment.endsWith(end))
      given[name] = segment.slice(0, segment.length - end.length)
    else return undefined
  }
  return given
}
