// What the doors of HTTP answer: commands by POST, whatever the path, with what Kea sends; how the
// server is, and its metrics, by GET.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import type { HttpDoorPlan, Persona } from '../../config/plan/control-plan.ts'
import { roleOf } from './askers.ts'
import { tokenOf, userOf } from './basic-auth.ts'
import type { ApiQuestion, ApiReply, DoorAsker, DoorReply, House, Measured } from './desk.ts'
import { sendEvents } from './event-stream.ts'
import { BodyReader } from './http-body.ts'
import type { HttpGuest } from './http-guest.ts'
import { isLocal, sendFault, sendLines, sendPieces, sendText } from './http-reply.ts'
import { SIZE_MAX } from './settings.ts'
import type { Slices } from './slices.ts'

export interface AppDoor {
  /** As it is at the moment. */
  readonly plan: HttpDoorPlan
  readonly house: House
  readonly slices: Slices
  /** Another number as soon as somebody may have lost the right to go on. */
  readonly rights: number
  /** An answer without an end has begun, which `end` ends. */
  onStream(out: ServerResponse, end: () => void): void
  onRefusedLogin(guest: HttpGuest): void
}

interface Bindings {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

type Env = { Bindings: Bindings }

const JSON_TYPE = 'application/json'
const LINES_TYPE = 'application/x-ndjson'
const CSV_TYPE = 'text/csv'
/** What a long list may be wanted as. */
const WANTED = [
  [LINES_TYPE, 'lines'],
  [CSV_TYPE, 'csv'],
] as const
const API = '/api/v1'

export function httpApp(door: AppDoor): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/healthz', (c) => told(c, door, door.house.health.troubles()))
  app.get('/readyz', (c) => told(c, door, door.house.health.unready()))
  app.get('/metrics', (c) => measured(c, door))
  app.get('/openapi.json', (c) => described(c, door))
  app.all(`${API}/*`, (c) => api(c, door))
  app.post('*', (c) => command(c, door))
  app.all('*', (c) => refusal(c, 400, 'Bad Request'))
  app.onError((error, c) => faulty(c, door, error))
  return app
}

/** To who asks for what is not even an address of something. */
export function badTarget(): Response {
  const body = '{ "result": 400, "text": "Bad Request" }'
  return new Response(body, { status: 400, headers: { 'Content-Type': JSON_TYPE } })
}

/** Mostly the connection went while its request was read: then there is nobody to be told. */
function faulty({ env }: Context<Env>, { slices }: AppDoor, error: Error): Response {
  const { incoming, outgoing } = env
  const { code } = error as NodeJS.ErrnoException
  const isGone = outgoing.destroyed || guestOf(incoming).destroyed || code === 'ECONNRESET'
  if (!isGone)
    slices.now(
      () => {
        throw error
      },
      () => sendFault(outgoing),
    )
  return RESPONSE_ALREADY_SENT
}

/** In the words of Kea; sent here, since nothing of it may take long. */
function refusal({ env: { outgoing } }: Context<Env>, status: number, text: string): Response {
  sendText(outgoing, status, JSON_TYPE, `{ "result": ${status}, "text": "${text}" }`)
  return RESPONSE_ALREADY_SENT
}

async function command(c: Context<Env>, door: AppDoor): Promise<Response> {
  const { incoming, outgoing } = c.env
  if (!isJson(incoming)) return refusal(c, 400, 'Bad Request')
  const asked = await questionOf(c, door)
  if (asked instanceof Response) return asked
  const { text, asker } = asked
  const { desk } = door.house
  const { slices, plan } = door
  const persona = personaOf(c.req.path) ?? plan.persona
  const lost = (): void => sendFault(outgoing)
  const send = ({ status, body }: DoorReply): void =>
    slices.now(() => sendPieces(outgoing, status, JSON_TYPE, desk.pieces(body), slices), lost)
  slices.add(() => desk.askHttp(text, persona, asker, send), lost)
  return RESPONSE_ALREADY_SENT
}

/** Whio's own API. */
async function api(c: Context<Env>, door: AppDoor): Promise<Response> {
  const { incoming, outgoing } = c.env
  const address = addressOf(incoming.url ?? '')
  if (address === undefined) return refusal(c, 400, 'Bad Request')
  const { rights } = door
  const asked = await questionOf(c, door)
  if (asked instanceof Response) return asked
  const { desk } = door.house
  const { slices } = door
  const { accept = '', 'if-match': ifMatch, 'last-event-id': lastId } = incoming.headers
  const { 'idempotency-key': key, 'content-type': type = '' } = incoming.headers
  const question = {
    ...{ ...address, ...asked, method: incoming.method ?? '' },
    ifMatch: ifMatch?.replace(/^(?:W\/)?"(.*)"$/, '$1'),
    lastEventId: typeof lastId === 'string' ? lastId : undefined,
    wants: WANTED.find(([media]) => accept.includes(media))?.[1],
    isCsv: /^text\/csv\b/i.test(type),
    idempotencyKey: typeof key === 'string' ? key : undefined,
  }
  const lost = (): void => sendFault(outgoing)
  const send = ({ status, body, lines, media, events, etag }: ApiReply): void => {
    if (etag !== undefined) outgoing.setHeader('ETag', `"${etag}"`)
    outgoing.setHeader('Cache-Control', 'no-store')
    if (status === 503 || status === 429) outgoing.setHeader('Retry-After', '1')
    if (events !== undefined) {
      const end = sendEvents(outgoing, events, slices)
      // The rights were looked at before the body was read.
      if (door.rights === rights) door.onStream(outgoing, end)
      else end()
      // Who has hung up would be found out by a write, long after.
      guestOf(incoming).whenEnded(() => outgoing.destroy())
    } else if (lines !== undefined) sendLines(outgoing, media ?? LINES_TYPE, lines, slices)
    else sendPieces(outgoing, status, JSON_TYPE, desk.pieces(body ?? {}), slices)
  }
  slices.add(() => desk.askApi(question, (reply) => slices.now(() => send(reply), lost)), lost)
  return RESPONSE_ALREADY_SENT
}

/** Segments and parameters; undefined where they cannot be read. */
function addressOf(target: string): Pick<ApiQuestion, 'path' | 'query'> | undefined {
  try {
    const url = new URL(target, 'http://x')
    const path = url.pathname
      .slice(API.length + 1)
      .split('/')
      .map(decodeURIComponent)
    return { path, query: new Map(url.searchParams) }
  } catch {
    return undefined
  }
}

/** Who asks, and the body; or the answer to who may not, or sends too much. */
async function questionOf(
  c: Context<Env>,
  door: AppDoor,
): Promise<{ readonly text: string; readonly asker: DoorAsker } | Response> {
  const { incoming, outgoing } = c.env
  const asker = askerOf(incoming, door)
  if (asker === undefined) return unauthorized(c, door)
  if (isForeign(incoming, door)) return refusal(c, 403, 'Forbidden')
  const body = await new BodyReader(SIZE_MAX).read(incoming, guestOf(incoming))
  if (body.text !== undefined) return { text: body.text, asker }
  // The rest of it is not read.
  outgoing.shouldKeepAlive = false
  return refusal(c, body.status, body.status === 413 ? 'Content Too Large' : 'Bad Request')
}

/**
 * A page of another site, which a browser here has open: browsers say so, programs do not. Where no
 * password is asked for, the name of this host may be one that the page has made up.
 */
function isForeign({ headers: { origin, host } }: IncomingMessage, { plan }: AppDoor): boolean {
  if (origin === undefined) return false
  if (origin.replace(/^https?:\/\//, '') !== host) return true
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return plan.users === undefined && name !== 'localhost' && isIP(name) === 0
}

/** Kea wants it said, and takes no parameter; here it need not be. */
function isJson({ headers }: IncomingMessage): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1)
  return ['', JSON_TYPE].includes(type.trim().toLowerCase())
}

const PERSONAS: ReadonlySet<string> = new Set(['dhcp4', 'dhcp6', 'd2', 'ca'])

/** By the last segment of the path, which Kea does not look at. */
function personaOf(path: string): Persona | undefined {
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? ''
  return PERSONAS.has(last) ? (last as Persona) : undefined
}

function guestOf({ socket }: IncomingMessage): HttpGuest {
  return socket as unknown as HttpGuest
}

/** Undefined where it must be said who asks, and is not. */
function askerOf(incoming: IncomingMessage, { plan, house }: AppDoor): DoorAsker | undefined {
  const { from, address, certificates, isSecure } = guestOf(incoming).facts
  const { authorization } = incoming.headers
  const { users } = plan
  const user = users && userOf(authorization, users)
  const token = tokenOf(authorization)
  const isKnown = token !== undefined && house.roles.some(({ tokens }) => tokens.includes(token))
  // A token that nobody knows, or not any more, is not as good as none.
  if (token !== undefined ? !isKnown : users !== undefined && user === undefined) return undefined
  const role = roleOf({ door: 'http', user, token, certificates, address }, house.roles)
  const name = user ?? (isKnown ? `token ${token.slice(0, 8)}` : (certificates?.[0] ?? ''))
  return { user: name, role, from, door: isSecure ? 'https' : 'http' }
}

function unauthorized(c: Context<Env>, door: AppDoor): Response {
  const { outgoing, incoming } = c.env
  const realm = (door.plan.users?.realm ?? '').replace(/["\\]/g, '')
  if (incoming.headers.authorization !== undefined) door.onRefusedLogin(guestOf(incoming))
  outgoing.setHeader('WWW-Authenticate', `Basic realm="${realm}"`)
  return refusal(c, 401, 'Unauthorized')
}

/** Anybody may know whether it is well; why not, who may ask anything. */
function told(c: Context<Env>, door: AppDoor, troubles: readonly string[]): Response {
  const { incoming, outgoing } = c.env
  const isKnown = isLocal(guestOf(incoming).facts.address) || askerOf(incoming, door) !== undefined
  const lines = troubles.length === 0 ? ['ok'] : isKnown ? troubles : ['not ok']
  const status = troubles.length === 0 ? 200 : 503
  sendText(outgoing, status, 'text/plain; charset=utf-8', `${lines.join('\n')}\n`)
  return RESPONSE_ALREADY_SENT
}

/** What there is to ask is no secret, but who may not come in is not told anything. */
function described(c: Context<Env>, door: AppDoor): Response {
  if (askerOf(c.env.incoming, door) === undefined) return unauthorized(c, door)
  const { house, slices } = door
  sendPieces(c.env.outgoing, 200, JSON_TYPE, house.desk.pieces(house.describe()), slices)
  return RESPONSE_ALREADY_SENT
}

function measured(c: Context<Env>, door: AppDoor): Response {
  const { incoming, outgoing } = c.env
  const { house, slices } = door
  const { metrics } = house
  if (metrics === undefined) return refusal(c, 400, 'Bad Request')
  if (!isLocal(guestOf(incoming).facts.address) && askerOf(incoming, door) === undefined)
    return unauthorized(c, door)
  slices.add(() => {
    const send = ({ type, text }: Measured): void =>
      sendPieces(outgoing, 200, type, [text].flat().values(), slices)
    const ask = async () => metrics()
    const lost = (error: unknown): void => {
      slices.now(
        () => {
          throw error
        },
        () => sendFault(outgoing),
      )
    }
    ask().then(send).catch(lost)
  })
  return RESPONSE_ALREADY_SENT
}
