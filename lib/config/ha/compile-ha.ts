// The pair: the parameters of libdhcp_ha, and what Whio.ha says besides. Everything that is wrong with it
// is an error of the structure: a server that is half of a pair must not serve as if it were alone.

import { defaults4 } from '../keys/defaults4.ts'
import type { Dhcp4Document, WhioDocument } from '../keys/document4.ts'
import type { HaDocument } from '../keys/ha-document.ts'
import { HA_LIBRARY, hookName } from '../keys/hooks4.ts'
import type { PairContext } from '../plan/compile-context.ts'
import type { HaPeer, HaPlan } from '../plan/ha-plan.ts'
import type { Path } from '../text/problem.ts'
import { Problems } from '../text/problem.ts'
import { type GuardPair, Guards } from './guards.ts'
import { type CompiledPeer, compilePeers } from './peers.ts'
import { checkRoles, SECOND_ROLE } from './roles.ts'
import { findThisServer } from './this-server.ts'
import { compileTiming } from './timing.ts'
import { isLoopback, isUnspecified } from './url.ts'

const { 'require-client-certs': CERTS } = defaults4('ha', 'require-client-certs')
const POLICY = defaults4('whioHa', 'when-silent', 'certificate-names', 'reserve-percent')

export interface CompiledHa {
  /** Undefined without a pair, and where something about it is wrong. */
  readonly plan: HaPlan | undefined
  readonly guards: Guards
}

export function compileHa(
  document: Dhcp4Document,
  whio: WhioDocument | undefined,
  context: PairContext,
  problems: Problems,
): CompiledHa {
  const own = new Problems()
  const found = findRelationship(document, own)
  const plan = typeof found === 'string' ? undefined : compilePair(found, whio, context, own)
  if (found === 'none' && whio?.ha !== undefined) {
    own.add({
      severity: 'warning',
      path: ['Whio', 'ha'],
      code: 'ha-missing',
      message: 'there is no pair to which this applies',
      hint: 'libdhcp_ha.so in hooks-libraries makes one',
      gapIn: ['Dhcp4', 'hooks-libraries'],
    })
  }
  for (const problem of own.list) problems.add(problem)
  const isWrong = plan === undefined || own.hasErrors
  const pair: GuardPair =
    found === 'none' ? 'none' : isWrong ? 'wrong' : { mode: plan.mode, servers: plan.peers }
  return { plan, guards: new Guards(pair) }
}

interface Relationship {
  readonly document: HaDocument
  readonly path: Path
}

function findRelationship(
  document: Dhcp4Document,
  problems: Problems,
): Relationship | 'none' | 'wrong' {
  const path = ['Dhcp4', 'hooks-libraries']
  const hooks = [...(document['hooks-libraries'] ?? []).entries()].filter(
    ([, { library }]) => hookName(library) === HA_LIBRARY,
  )
  const [first, second] = hooks
  if (first === undefined) return 'none'
  if (second !== undefined) {
    const hint = `hooks-libraries[${first[0]}] is the first`
    const message = 'the library of a pair stands here a second time'
    problems.error([...path, second[0], 'library'], 'duplicate', message, hint)
    return 'wrong'
  }
  const [index, { parameters }] = first
  const at = [...path, index, 'parameters', 'high-availability']
  const relationships = parameters?.['high-availability'] ?? []
  if (relationships.length > 1) {
    const message = `${relationships.length} relationships (hub and spoke) are not served by this version`
    problems.error([...at, 1], 'ha-relationships', message, 'one partner a server')
    return 'wrong'
  }
  const [relationship] = relationships
  if (relationship !== undefined) return { document: relationship, path: [...at, 0] }
  problems.add({
    severity: 'error',
    path: at,
    code: 'ha-missing',
    message: 'nothing is said of the pair',
    hint: 'a list with one map: mode, peers',
    gapIn: at,
  })
  return 'wrong'
}

function compilePair(
  { document, path }: Relationship,
  whio: WhioDocument | undefined,
  context: PairContext,
  problems: Problems,
): HaPlan | undefined {
  const { mode } = document
  const timing = compileTiming(document, path, problems)
  checkRoles(mode, document.peers, [...path, 'peers'], problems)
  const compiled = compilePeers(document, path, context, problems)
  // A peer that is wrong is missing from the list: what is said of the rest might mislead.
  if (problems.hasErrors) return undefined
  const thisServer = findThisServer(document, compiled, path, context, problems)
  if (thisServer === undefined) return undefined
  const requireClientCerts = document['require-client-certs'] ?? CERTS
  const isGuarded = proves(thisServer) && (thisServer.basicAuth !== undefined || requireClientCerts)
  for (const one of compiled)
    if (one.peer === thisServer) checkListener(one, isGuarded, problems)
    else checkCalled(one, isGuarded, problems)
  const peers = compiled.map(({ peer }) => peer)
  return {
    ...timing,
    mode,
    thisServer,
    partner: partnerOf(thisServer, peers, mode),
    peers,
    requireClientCerts,
    ...compilePolicy(whio, problems),
  }
}

function partnerOf(
  thisServer: HaPeer,
  peers: readonly HaPeer[],
  mode: HaPlan['mode'],
): HaPeer | undefined {
  if (thisServer.role === 'backup') return undefined
  const role = thisServer.role === 'primary' ? SECOND_ROLE[mode] : 'primary'
  return peers.find((peer) => peer.role === role)
}

/** Whether whoever is there shows who it is. */
function proves({ basicAuth, tls }: HaPeer): boolean {
  return basicAuth !== undefined || tls !== undefined
}

function checkListener({ peer, path }: CompiledPeer, isGuarded: boolean, problems: Problems): void {
  if (isGuarded || isLoopback(peer.url.host)) return
  const at = [...path, 'url']
  const message = 'whoever reaches this address can speak for the partner: nothing proves who calls'
  problems.warning(at, 'ha-open', message, 'https with require-client-certs, or basic-auth-user')
}

/** Another server. Where nobody has to prove anything, that is said once; a backup has no say in anything. */
function checkCalled({ peer, path }: CompiledPeer, isGuarded: boolean, problems: Problems): void {
  const { host } = peer.url
  const at = [...path, 'url']
  if (isUnspecified(host)) {
    problems.error(at, 'ha-url', `${host} is no address to call`, 'write one of its own')
  } else if (isGuarded && peer.role !== 'backup' && !proves(peer) && !isLoopback(host)) {
    const message = 'whoever has this address can speak for the partner: nothing proves who answers'
    problems.warning(at, 'ha-open', message, 'https, or basic-auth-user, for this peer too')
  }
}

function compilePolicy(
  whio: WhioDocument | undefined,
  problems: Problems,
): Pick<HaPlan, 'whenSilent' | 'reserve' | 'checksCertificateNames'> {
  const whenSilent = whio?.ha?.['when-silent'] ?? POLICY['when-silent']
  if (whenSilent === 'available') {
    const message =
      'while the servers do not hear each other, both may give one address to two clients'
    const hint = '"safe" never does; see what it leaves for new clients'
    problems.warning(['Whio', 'ha', 'when-silent'], 'ha-available', message, hint)
  }
  const names = whio?.ha?.['certificate-names'] ?? POLICY['certificate-names']
  if (names === 'any') {
    const message = 'whoever has a certificate of the trust anchor can speak for the partner'
    const hint = '"checked", and certificates that name their servers'
    problems.warning(['Whio', 'ha', 'certificate-names'], 'ha-certificate-names', message, hint)
  }
  const reserve = (whio?.ha?.['reserve-percent'] ?? POLICY['reserve-percent']) / 100
  return { whenSilent, reserve, checksCertificateNames: names === 'checked' }
}
