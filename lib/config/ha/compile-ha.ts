// The pair: the parameters of libdhcp_ha, and what Whio.ha says besides. Everything that is wrong
// with it is an error of the structure: a server that is half of a pair must not serve as if it
// were alone.

import type { WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { HaDocument } from '../keys/ha-document.ts'
import { HA_LIBRARY, hookName } from '../keys/hooks.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { PairContext } from '../plan/compile-context.ts'
import type { HaPeer, HaPlan } from '../plan/ha-plan.ts'
import type { Path } from '../text/problem.ts'
import { newReport, type Report, Site } from '../text/site.ts'
import { type GuardPair, Guards } from './guards.ts'
import { checkOneDatabase } from './one-database.ts'
import { type CompiledPeer, compilePeers } from './peers.ts'
import { checkRoles, SECOND_ROLE } from './roles.ts'
import { checkSamePair } from './same-pair.ts'
import { findThisServer } from './this-server.ts'
import { compileTiming } from './timing.ts'
import { isLoopback, isUnspecified } from './url.ts'

const { 'require-client-certs': CERTS } = defaultsOf('ha', 'require-client-certs')
const POLICY = defaultsOf(
  'whioHa',
  'when-silent',
  'certificate-names',
  'reserve-percent',
  'share-edits',
)

export interface CompiledHa {
  /** Undefined without a pair, and where something about it is wrong. */
  readonly plan: HaPlan | undefined
  readonly guards: Guards
}

/**
 * The pair is the process's: where both maps name it, that of Dhcp4 counts, and Dhcp6 may not say
 * otherwise. Where one does, the other family is served by the same pair. `sharesDatabase`: leases
 * are in a database that other servers write, too.
 */
export function compileHa(
  maps: readonly ServerMap[],
  whio: WhioDocument | undefined,
  context: PairContext,
  sharesDatabase: boolean,
): CompiledHa {
  const own = newReport()
  const all = maps.map((map) => findRelationship(map, map.site.toldTo(own)))
  const found = all.find((one) => one !== 'none') ?? 'none'
  const plan =
    typeof found === 'string' ? undefined : compilePair(found, whio, context, sharesDatabase, own)
  if (found === 'none' && whio?.ha !== undefined) warnOfNoPair(maps[0]!.site.path, own)
  const other = all.find((one) => one !== 'none' && one !== found)
  if (typeof found !== 'string' && other !== undefined && typeof other !== 'string')
    checkSamePair(found.document, other)
  const isWrong = plan === undefined || own.structure.hasErrors
  const pair: GuardPair =
    found === 'none' ? 'none' : isWrong ? 'wrong' : { mode: plan.mode, servers: plan.peers }
  const { site } = maps[0]!
  site.tell(own, site.path)
  return { plan, guards: new Guards(pair) }
}

const LIBRARIES = 'hooks-libraries'

function warnOfNoPair(path: Path, { structure }: Report): void {
  structure.add({
    severity: 'warning',
    path: ['Whio', 'ha'],
    code: 'ha-missing',
    message: 'there is no pair to which this applies',
    hint: 'libdhcp_ha.so in hooks-libraries makes one',
    gapIn: [...path, LIBRARIES],
  })
}

interface Relationship {
  readonly document: HaDocument
  readonly site: Site
}

function findRelationship({ document }: ServerMap, own: Site): Relationship | 'none' | 'wrong' {
  const site = own.at(LIBRARIES)
  const hooks = [...(document[LIBRARIES] ?? []).entries()].filter(
    ([, { library }]) => hookName(library) === HA_LIBRARY,
  )
  const [first, second] = hooks
  if (first === undefined) return 'none'
  if (second !== undefined) {
    const hint = `hooks-libraries[${first[0]}] is the first`
    const message = 'the library of a pair stands here a second time'
    site.at(second[0]).at('library').error('duplicate', message, hint)
    return 'wrong'
  }
  const [index, { parameters }] = first
  const at = site.at(index).at('parameters').at('high-availability')
  const relationships = parameters?.['high-availability'] ?? []
  if (relationships.length > 1) {
    const message = `${relationships.length} relationships (hub and spoke) are not served by this version`
    at.at(1).error('ha-relationships', message, 'one partner a server')
    return 'wrong'
  }
  const [relationship] = relationships
  if (relationship !== undefined) return { document: relationship, site: at.at(0) }
  at.gap('ha-missing', 'nothing is said of the pair', 'a list with one map: mode, peers')
  return 'wrong'
}

function compilePair(
  { document, site }: Relationship,
  whio: WhioDocument | undefined,
  context: PairContext,
  sharesDatabase: boolean,
  report: Report,
): HaPlan | undefined {
  const { mode } = document
  const timing = compileTiming(document, site, sharesDatabase)
  if (sharesDatabase) checkOneDatabase(document, site)
  checkRoles(mode, document.peers, site.at('peers'))
  const compiled = compilePeers(document, site, context)
  // A peer that is wrong is missing from the list: what is said of the rest might mislead.
  if (report.structure.hasErrors) return undefined
  const thisServer = findThisServer(document, compiled, site, context)
  if (thisServer === undefined) return undefined
  const requireClientCerts = document['require-client-certs'] ?? CERTS
  const isGuarded = proves(thisServer) && (thisServer.basicAuth !== undefined || requireClientCerts)
  for (const one of compiled)
    if (one.peer === thisServer) checkListener(one, isGuarded)
    else checkCalled(one, isGuarded)
  const peers = compiled.map(({ peer }) => peer)
  return {
    ...timing,
    sharesDatabase,
    mode,
    thisServer,
    partner: partnerOf(thisServer, peers, mode),
    peers,
    requireClientCerts,
    ...compilePolicy(whio?.ha, Site.of(report, ['Whio', 'ha'])),
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

function checkListener({ peer, site }: CompiledPeer, isGuarded: boolean): void {
  if (isGuarded || isLoopback(peer.url.host)) return
  const at = site.at('url')
  const message = 'whoever reaches this address can speak for the partner: nothing proves who calls'
  at.warning('ha-open', message, 'https with require-client-certs, or basic-auth-user')
}

/**
 * Another server. Where nobody has to prove anything, that is said once; a backup has no say in
 * anything.
 */
function checkCalled({ peer, site }: CompiledPeer, isGuarded: boolean): void {
  const { host } = peer.url
  const at = site.at('url')
  if (isUnspecified(host)) {
    at.error('ha-url', `${host} is no address to call`, 'write one of its own')
  } else if (isGuarded && peer.role !== 'backup' && !proves(peer) && !isLoopback(host)) {
    const message = 'whoever has this address can speak for the partner: nothing proves who answers'
    at.warning('ha-open', message, 'https, or basic-auth-user, for this peer too')
  }
}

function compilePolicy(
  document: WhioDocument['ha'],
  site: Site,
): Pick<HaPlan, 'whenSilent' | 'reserve' | 'checksCertificateNames' | 'sharesEdits'> {
  const whenSilent = document?.['when-silent'] ?? POLICY['when-silent']
  if (whenSilent === 'available') {
    const message =
      'while the servers do not hear each other, both may give one address to two clients'
    const hint = '"safe" never does; see what it leaves for new clients'
    site.at('when-silent').warning('ha-available', message, hint)
  }
  const names = document?.['certificate-names'] ?? POLICY['certificate-names']
  if (names === 'any') {
    const message = 'whoever has a certificate of the trust anchor can speak for the partner'
    const hint = '"checked", and certificates that name their servers'
    site.at('certificate-names').warning('ha-certificate-names', message, hint)
  }
  const reserve = (document?.['reserve-percent'] ?? POLICY['reserve-percent']) / 100
  const sharesEdits = document?.['share-edits'] ?? POLICY['share-edits']
  return { whenSilent, reserve, checksCertificateNames: names === 'checked', sharesEdits }
}
