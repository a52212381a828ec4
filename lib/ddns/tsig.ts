// Signatures of messages by a secret that both ends know (RFC 8945). A reply is signed together
// with the signature of its request, so that no other reply can take its place.

import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../bytes/octets.ts'
import type { TsigAlgorithm, TsigKeyPlan } from '../config/plan/names-plan.ts'
import { nameInLabels } from '../names/labels.ts'
import { lowerCase } from '../names/names.ts'
import type { Seconds } from '../time/units.ts'
import { DNS_CLASS, RCODE, RR_TYPE } from './codes.ts'
import type { ReadMessage, ReadRecord } from './reader.ts'
import { encodedName } from './writer.ts'

/** How far clocks may be apart (RFC 8945 §10). */
const FUDGE: Seconds = 300
/** Where the header counts the records of the last section. */
const COUNT_AT = 10
/** RFC 8945 §5.2.2.1. */
const LEAST_MAC = 10

interface Algorithm {
  readonly name: Octets
  /** As Node calls its hash. */
  readonly hash: string
  readonly octets: number
}

// biome-ignore format: a table
const ALGORITHMS: Readonly<Record<TsigAlgorithm, Algorithm>> = {
  'hmac-md5':    { name: 'hmac-md5.sig-alg.reg.int', hash: 'md5',    octets: 16 },
  'hmac-sha1':   { name: 'hmac-sha1',                hash: 'sha1',   octets: 20 },
  'hmac-sha224': { name: 'hmac-sha224',              hash: 'sha224', octets: 28 },
  'hmac-sha256': { name: 'hmac-sha256',              hash: 'sha256', octets: 32 },
  'hmac-sha384': { name: 'hmac-sha384',              hash: 'sha384', octets: 48 },
  'hmac-sha512': { name: 'hmac-sha512',              hash: 'sha512', octets: 64 },
}

export interface Signed {
  readonly message: Octets
  /** As it was sent: a part of it where the key says so. */
  readonly mac: Octets
}

/** What is digested beside the message, and is also in the record (RFC 8945 §4.3.3). */
interface Variables {
  /** Seconds since 1970. */
  readonly time: Seconds
  readonly fudge: Seconds
  readonly error: number
  readonly other: Octets
}

/** Of a message without a signature; its id is the one that is signed. */
export function sign(message: Octets, key: TsigKeyPlan, time: Seconds): Signed {
  const variables = { time, fudge: FUDGE, error: 0, other: '' }
  const { octets } = ALGORITHMS[key.algorithm]
  const sent = key.digestBits === 0 ? octets : key.digestBits / 8
  const mac = macOf(key, message + variablesOf(key, variables)).slice(0, sent)
  return { message: withCount(message, 1) + recordOf(key, variables, mac, message), mac }
}

function recordOf(
  key: TsigKeyPlan,
  { time, fudge, error, other }: Variables,
  mac: Octets,
  message: Octets,
): Octets {
  const data =
    encodedName(ALGORITHMS[key.algorithm].name) +
    octetsFromUint(time, 6) +
    octetsFromUint(fudge, 2) +
    octetsFromUint(mac.length, 2) +
    mac +
    message.slice(0, 2) +
    octetsFromUint(error, 2) +
    octetsFromUint(other.length, 2) +
    other
  return (
    encodedName(key.name) +
    octetsFromUint(RR_TYPE.tsig, 2) +
    octetsFromUint(DNS_CLASS.any, 2) +
    octetsFromUint(0, 4) +
    octetsFromUint(data.length, 2) +
    data
  )
}

function variablesOf(key: TsigKeyPlan, { time, fudge, error, other }: Variables): Octets {
  return (
    encodedName(key.name) +
    octetsFromUint(DNS_CLASS.any, 2) +
    octetsFromUint(0, 4) +
    encodedName(ALGORITHMS[key.algorithm].name) +
    octetsFromUint(time, 6) +
    octetsFromUint(fudge, 2) +
    octetsFromUint(error, 2) +
    octetsFromUint(other.length, 2) +
    other
  )
}

function macOf(key: TsigKeyPlan, text: Octets): Octets {
  const hmac = createHmac(ALGORITHMS[key.algorithm].hash, secretOf(key))
  return octetsFromBytes(hmac.update(bytesFromOctets(text)).digest())
}

/** As OpenSSL has them: to make one takes longer than to sign with it. */
const secrets = new WeakMap<TsigKeyPlan, KeyObject>()

function secretOf(key: TsigKeyPlan): KeyObject {
  const known = secrets.get(key)
  if (known !== undefined) return known
  const secret = createSecretKey(bytesFromOctets(key.secret))
  secrets.set(key, secret)
  return secret
}

/** With as many records more in the last section. */
function withCount(message: Octets, more: number): Octets {
  const count = uintFromOctets(message, COUNT_AT, 2) + more
  return message.slice(0, COUNT_AT) + octetsFromUint(count, 2) + message.slice(COUNT_AT + 2)
}

/**
 * good      the server has said this
 * unsigned  an error of the server that it could not sign, since it does not know the key, or the
 *           request was not signed with it
 * ahead     the server's clock is so many seconds ahead of `time`: it has signed that
 * bad       anybody may have said it
 */
export type Verification =
  | { readonly kind: 'good' | 'unsigned'; readonly error: number }
  | { readonly kind: 'ahead'; readonly seconds: Seconds }
  | { readonly kind: 'bad'; readonly why: string }

/** What is digested behind the signature before: the message, and what its own says. */
type Digested = (message: Octets, tsig: Tsig) => Octets

/**
 * Of the reply to a request that was signed with this key at this time. `now`: by the clock that
 * requests are signed by.
 */
export function verify(
  bytes: Uint8Array,
  reply: ReadMessage,
  key: TsigKeyPlan,
  requestMac: Octets,
  now: Seconds,
): Verification {
  const digested: Digested = (message, tsig) => message + variablesOf(key, tsig)
  return verified(bytes, reply, key, requestMac, now, digested)
}

/**
 * Of a message that follows others (RFC 8945 §5.3.1): it is signed together with the signature
 * before, and with what came between the two without one.
 */
export function verifyNext(
  bytes: Uint8Array,
  reply: ReadMessage,
  key: TsigKeyPlan,
  priorMac: Octets,
  between: Octets,
  now: Seconds,
): Verification {
  const digested: Digested = (message, { time, fudge }) =>
    between + message + octetsFromUint(time, 6) + octetsFromUint(fudge, 2)
  return verified(bytes, reply, key, priorMac, now, digested)
}

/** The signature of a message; undefined: it has none. */
export function macOfMessage({ additional }: ReadMessage): Octets | undefined {
  const record = additional.at(-1)
  return record?.type === RR_TYPE.tsig ? tsigIn(record)?.mac : undefined
}

function verified(
  bytes: Uint8Array,
  reply: ReadMessage,
  key: TsigKeyPlan,
  priorMac: Octets,
  now: Seconds,
  digested: Digested,
): Verification {
  const record = reply.additional.at(-1)
  if (record?.type !== RR_TYPE.tsig) return bad('it is not signed')
  const tsig = tsigIn(record)
  if (tsig === undefined) return bad('its signature is malformed')
  const { name, octets } = ALGORITHMS[key.algorithm]
  if (record.name !== key.name || tsig.algorithm !== name)
    return bad('it is signed with another key')
  if (tsig.mac === '') return unsignedError(reply, tsig)
  const head = octetsFromUint(priorMac.length, 2) + priorMac
  const whole = octetsFromBytes(bytes, 0, record.start)
  const message = withCount(tsig.originalId + whole.slice(2), -1)
  const expected = macOf(key, head + digested(message, tsig))
  // Before the length is judged: what is shorter than wanted is still known to be the server's.
  if (tsig.mac.length > octets || !isSame(tsig.mac, expected.slice(0, tsig.mac.length)))
    return bad('its signature is wrong')
  if (tsig.mac.length < Math.max(LEAST_MAC, Math.min(priorMac.length, octets)))
    return bad('its signature is too short')
  if (tsig.error === RCODE.BADTIME && tsig.other.length === 6)
    return { kind: 'ahead', seconds: uintFromOctets(tsig.other, 0, 6) - now }
  if (Math.abs(now - tsig.time) > tsig.fudge) return bad('its time is off')
  return { kind: 'good', error: tsig.error }
}

function bad(why: string): Verification {
  return { kind: 'bad', why }
}

function unsignedError({ rcode }: ReadMessage, { error }: Tsig): Verification {
  const isKnown = rcode === RCODE.NOTAUTH && (error === RCODE.BADKEY || error === RCODE.BADSIG)
  return isKnown ? { kind: 'unsigned', error } : bad('it is not signed')
}

/** In constant time, so that nobody learns octet by octet what would be right. */
function isSame(one: Octets, other: Octets): boolean {
  return timingSafeEqual(bytesFromOctets(one), bytesFromOctets(other))
}

interface Tsig extends Variables {
  readonly algorithm: Octets
  readonly mac: Octets
  /** Two octets: the request's, whatever the header says. */
  readonly originalId: Octets
}

/** Undefined: it does not have the form of one, or is in no class that one is in. */
function tsigIn({ data, dnsClass, ttl }: ReadRecord): Tsig | undefined {
  const end = nameEnd(data)
  if (end < 0 || dnsClass !== DNS_CLASS.any || ttl !== 0) return undefined
  const macAt = end + 10
  const macEnd = macAt + uintFromOctets(data, end + 8, 2)
  const otherAt = macEnd + 6
  // A length beyond the data makes this NaN, which is no length either.
  if (data.length !== otherAt + uintFromOctets(data, macEnd + 4, 2)) return undefined
  return {
    algorithm: lowerCase(nameInLabels(data.slice(0, end), 0)?.name ?? ''),
    time: uintFromOctets(data, end, 6),
    fudge: uintFromOctets(data, end + 6, 2),
    mac: data.slice(macAt, macEnd),
    originalId: data.slice(macEnd, macEnd + 2),
    error: uintFromOctets(data, macEnd + 2, 2),
    other: data.slice(otherAt),
  }
}

/** Where the name ends that the data begins with; -1: nowhere. */
function nameEnd(data: Octets): number {
  let at = 0
  while (at < data.length) {
    const length = data.charCodeAt(at)
    at += 1 + length
    if (length === 0) return at
  }
  return -1
}
