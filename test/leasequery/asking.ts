// A server with leases, and requesters that ask about them.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { BulkQuery, bulkQueryIn } from '../../lib/leasequery/bulk-query.ts'
import { Frames } from '../../lib/leasequery/frames.ts'
import { type Answer, answerQuery, judgeQuery } from '../../lib/leasequery/lease-query.ts'
import { encodeMessage4, type MessageFields4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { LEASE_QUERY4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { documentWith, ip, type Options, SERVER, TestServer } from '../dhcp4/test-server.ts'
import { list } from '../wire/golden.ts'

export const REQUESTER = ip('198.51.100.7')
/** What the calendar shows while the lease clock of the server is 0. */
export const CALENDAR = 1_700_000_000_000

export function askedDocument(
  global: Partial<Dhcp4Document> = {},
  advanced: object = { 'bulk-query-enabled': true },
): Dhcp4Document {
  const parameters = { requesters: ['198.51.100.0/28', '203.0.113.9'], advanced }
  const library = { library: 'libdhcp_lease_query.so', parameters }
  return { ...documentWith({}), 'hooks-libraries': [library], ...global }
}

export function query(
  fields: MessageFields4,
  options: Options = {},
  type: number = LEASE_QUERY4.query,
): Uint8Array {
  const pairs: OptionPair4[] = [[53, String.fromCharCode(type)]]
  for (const [code, data] of Object.entries(options)) pairs.push([Number(code), data])
  const about = fields.hwAddress === undefined ? { htype: 0 } : {}
  return encodeMessage4({ xid: 0x4388, ...about, ...fields }, pairs, 0)
}

/** The answer to a query by UDP, or why there is none. */
export function ask(
  server: TestServer,
  fields: MessageFields4,
  options: Options = {},
  knowsAll = true,
): Answer | string {
  const message = new Message4()
  const bytes = query({ giaddr: REQUESTER, ...fields }, options)
  const refused = decode4(message, bytes, 0, bytes.length, 'usual')
  if (refused !== undefined) return refused
  const { now, plan, table } = server
  const asked = judgeQuery(message, plan.leaseQuery!, (id) => id === SERVER)
  if (typeof asked === 'string') return asked
  return answerQuery(message, asked, SERVER, { plan, table, now, knowsAll })
}

/** The lines of the answer but those that are 0 or empty. */
export function linesOf({ bytes }: { readonly bytes: Uint8Array }): string[] {
  const lines = list(bytes).trimEnd().split('\n')
  return lines.filter((line) => !/^(?:hops 0|secs 0|flags 0x0000|\S+ 0\.0\.0\.0|\S+)$/.test(line))
}

/** `active`, or why there is none. */
export function kindOf(answer: Answer | string): string {
  if (typeof answer === 'string') return answer
  return Object.entries(LEASE_QUERY4).find(([, type]) => type === answer.type)![0]
}

export interface BulkSettings {
  readonly leasesPerFetch?: number
  readonly isOfPair?: boolean
}

/** All messages of the answer to a query in bulk; undefined: it is no query. */
export function askInBulk(
  server: TestServer,
  bytes: Uint8Array,
  { leasesPerFetch = 100, isOfPair = false }: BulkSettings = {},
): Message4[] | undefined {
  const asked = bulkQueryIn(bytes)
  if (asked === undefined) return undefined
  const bulk = new BulkQuery(asked, '192.0.2.1', leasesPerFetch)
  const frames = new Frames()
  for (;;) {
    const { now, plan, table } = server
    const told = bulk.slice({ plan, table, now, wall: CALENDAR + now, isOfPair })
    if (told.bytes.length > 0) frames.add(told.bytes)
    if (told.isLast) return messagesIn(frames)
  }
}

export function messagesIn(frames: Frames): Message4[] {
  const messages: Message4[] = []
  for (let bytes = frames.next(); bytes !== undefined; bytes = frames.next()) {
    if (bytes === 'too-long') throw new Error('too long')
    const message = new Message4()
    const wrong = decode4(message, bytes, 0, bytes.length, 'strict')
    if (wrong !== undefined) throw new Error(wrong)
    messages.push(message)
  }
  return messages
}

export function serverWith(...document: Parameters<typeof askedDocument>): TestServer {
  return new TestServer(askedDocument(...document))
}
