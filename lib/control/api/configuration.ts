// The configuration: read with its ETag, put or patched on the condition that it is still the one
// that was read, tried without being put in force, and taken back to what it was.

import { findAt, type Step } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { NoSecret, withSecrets } from '../../config/keys/secrets.ts'
import { isMap } from '../../config/text/map.ts'
import { formatPath, formatProblem, type Problem } from '../../config/text/problem.ts'
import type { Members } from '../../config/whole.ts'
import type { ConfigResult, Tried } from '../../server/configuration/running-configuration.ts'
import { configurationText, type ConfigurationText as Text } from '../configuration-text.ts'
import { hooksForbidden } from '../hooks-forbidden.ts'
import { Ready } from '../print.ts'
import type { ConfigHistory } from './config-history.ts'
import { mergePatched } from './merge-patch.ts'
import { type ApiCall, ApiRefused, type ApiReply, type Route, refusal, type Say } from './route.ts'

const NAMES = ['Dhcp4', 'Dhcp6', 'Whio'] as const

type Name = (typeof NAMES)[number]

const BODY = {
  type: 'object',
  properties: {
    Dhcp4: { type: 'object' },
    Dhcp6: { type: 'object' },
    Whio: { type: 'object' },
  },
} as const

const DRY_RUN = {
  'dry-run': { type: 'integer', enum: [0, 1], description: '1: nothing is changed' },
} as const

export function configurationRoutes(history: ConfigHistory): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/config',
      as: 'config-get',
      summary: 'The configuration in force, with all that holds in it',
      run: get,
    },
    {
      method: 'PUT',
      path: '/config',
      as: 'config-set',
      summary: 'Puts whole maps in force in the place of the present ones',
      ...{ query: DRY_RUN, body: BODY },
      run: (call, say) => change(call, membersOf(call.body), say),
    },
    {
      method: 'PATCH',
      path: '/config',
      as: 'config-set',
      summary: 'Changes what the patch says (RFC 7396), and leaves the rest',
      ...{ query: DRY_RUN, body: BODY },
      run(call, say) {
        const { document } = call.room.configuration
        const patches = Object.entries(membersOf(call.body)) as [Name, unknown][]
        const merged = patches.map(([name, patch]) => [name, mergePatched(document[name], patch)])
        change(call, Object.fromEntries(merged), say)
      },
    },
    {
      method: 'GET',
      path: '/config/history',
      as: 'config-get',
      summary: 'What was in force since the start: when it came, and by whom',
      run(_call, say) {
        const versions = history.versions.map(({ number, at, by }) => ({
          ...{ version: number, at },
          by: typeof by === 'string' ? { command: by } : by,
        }))
        say({ status: 200, body: { versions } })
      },
    },
    {
      method: 'POST',
      path: '/config/rollback/{version}',
      as: 'config-set',
      summary: 'Puts in force what was in force before',
      query: DRY_RUN,
      run(call, say) {
        const { version = '' } = call.given
        const found = /^\d{1,9}$/.test(version) ? history.find(Number(version)) : undefined
        if (found === undefined) throw new ApiRefused(404, `version ${version} is not kept`)
        const { document } = found
        const members = NAMES.filter((name) => document[name] !== undefined)
        const wanted = Object.fromEntries(members.map((name) => [name, document[name]]))
        change(call, wanted, say, false)
      },
    },
  ]
}

function get(call: ApiCall, say: Say): void {
  withTexts(call, (texts, etag) => {
    const maps = texts.map(([name, text]) => [name, new Ready(text.hidden)])
    say({ status: 200, body: Object.fromEntries(maps), etag })
  })
}

/** Of both families, of the same configuration, with their hashes as one. */
function withTexts(
  { room: { configuration, configHost }, goingOn }: ApiCall,
  then: (texts: readonly (readonly ['Dhcp4' | 'Dhcp6', Text])[], etag: string) => void,
): void {
  const { version } = configuration
  const lost = goingOn((error: Error) => {
    throw error
  })
  const text = (family: 4 | 6, done: (text: Text | undefined) => void) =>
    configurationText(configuration, family, configHost, { done, lost })
  text(4, (four) =>
    text(6, (six) => {
      const texts: (readonly ['Dhcp4' | 'Dhcp6', Text])[] = []
      if (four !== undefined) texts.push(['Dhcp4', four])
      if (six !== undefined) texts.push(['Dhcp6', six])
      then(texts, [...texts.map(([, { hash }]) => hash.slice(0, 32)), version].join('-'))
    }),
  )
}

/** Throws ApiRefused. */
function membersOf(body: unknown): Members {
  if (!isMap(body)) throw new ApiRefused(400, `the body is a map with ${NAMES.join(', ')}`)
  const foreign = Object.keys(body).find((key) => !NAMES.includes(key as Name))
  if (foreign !== undefined) throw new ApiRefused(400, `'${foreign}' cannot be changed here`)
  if (Object.keys(body).length === 0) throw new ApiRefused(400, 'the body says nothing')
  return body
}

/** With the secrets that were not shown; throws ApiRefused. */
function readable(members: Members, document: ConfigDocument): Members {
  try {
    return withSecrets(members, document) as Members
  } catch (error) {
    if (!(error instanceof NoSecret)) throw error
    const why = 'is the mark of a secret, and none stands beside the same words'
    throw new ApiRefused(400, `${formatPath(error.path)} ${why}`)
  }
}

/** Whoever writes says what it has read: two who change it at once are not to undo each other. */
function change(call: ApiCall, shown: Members, say: Say, wantsMatch = true): void {
  const { configuration } = call.room
  const members = readable(shown, configuration.document)
  if (call.query.get('dry-run') === '1')
    return configuration.test(
      members,
      call.goingOn((tried: Tried) => say(triedReply(tried, configuration.document))),
    )
  const forbidden = hooksForbidden(call.asker.role, configuration.document, members)
  if (forbidden !== '') return say(refusal(403, forbidden))
  if (wantsMatch && call.ifMatch === undefined)
    return say(refusal(428, 'say by If-Match which configuration it was made from'))
  withTexts(call, (_, etag) => {
    if (wantsMatch && call.ifMatch !== etag && call.ifMatch !== '*')
      return say({ ...refusal(412, 'another configuration is in force by now'), etag })
    const { user, from } = call.asker
    const author = { user, from, command: `${call.method} /config` }
    const tell = ({ allowed, why, problems, needsRestart }: ConfigResult): void => {
      if (!allowed) return say(refusal(422, why, told(problems, 'error')))
      withTexts(call, (__, now) =>
        say({
          status: 200,
          body: { 'needs-restart': needsRestart, warnings: told(problems, 'warning') },
          etag: now,
        }),
      )
    }
    configuration.replace(members, author, call.goingOn(tell))
  })
}

function triedReply(
  { isServed, edits, problems, trouble }: Tried,
  document: ConfigDocument,
): ApiReply {
  if (trouble !== '') return refusal(503, trouble)
  const changes = edits.slice(0, TOLD_MAX).map(({ path }) => pointerTo(path, document))
  return {
    status: 200,
    body: {
      ok: isServed,
      changes,
      ...(edits.length > TOLD_MAX ? { 'more-changes': true } : {}),
      faults: told(problems, 'error'),
      warnings: told(problems, 'warning'),
    },
  }
}

/** Changes that are told of a trial. */
const TOLD_MAX = 200

/** What is to be put behind the others of a list stands at `-` (RFC 6901). */
function pointerTo(path: readonly Step[], document: ConfigDocument): string {
  const steps = path.map((step, index) => {
    if (typeof step !== 'object') return step
    return findAt(document, path.slice(0, index + 1))?.path.at(-1) ?? '-'
  })
  return pointerOf(steps)
}

function told(problems: readonly Problem[], severity: Problem['severity']): readonly object[] {
  return problems
    .filter((problem) => problem.severity === severity)
    .map((problem) => ({
      at: pointerOf(problem.path),
      text: formatProblem(problem),
    }))
}

function pointerOf(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
