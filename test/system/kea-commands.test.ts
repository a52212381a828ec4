// The same requests to Kea of the system and to Whio, made by chance from the table of commands,
// one after the other so that both have the same leases: the replies are the same, field by field,
// but for what test/control/differences.json has with its reason.

import t, { type Test } from 'tap'
import type { Command } from '../../lib/control/command.ts'
import { COMMANDS } from '../../lib/control/table.ts'
import { differencesOf, explainedDifferences } from '../control/differences.ts'
import { type Request, randomRequests } from '../control/random-requests.ts'
import { BothServers } from './both-servers.ts'
import { systemSkip } from './netns.ts'

/**
 * They tell of the process, which is another, or of the document (kea-config-get.test.ts), or leave
 * no statistics to compare.
 */
const OTHERWISE = new Set([
  ...['build-report', 'list-commands', 'shutdown', 'status-get', 'version-get'],
  ...['config-get', 'config-hash-get', 'config-reload', 'config-set', 'config-test'],
  ...['config-write', 'statistic-remove', 'statistic-remove-all', 'statistic-reset-all'],
])

const ROUNDS = 40

const explained = explainedDifferences().map(({ what }) => ({
  what: new RegExp(what),
  isThere: false,
}))

function isExplained(words: string): boolean {
  const row = explained.find(({ what }) => what.test(words))
  if (row !== undefined) row.isThere = true
  return row !== undefined
}

/** Kea 2.2 ends there. */
function isDeadly({ command, arguments: given }: Request): boolean {
  return command.endsWith('-resend-ddns') && given === undefined
}

async function compare(t: Test, family: 4 | 6, seed: number): Promise<void> {
  const both = await BothServers.start(t, family)
  const common = await commonCommands(both)
  t.ok(common.length > 15, `${common.length} commands`)
  let count = 0
  const unexplained = new Map<string, unknown>()
  for (const request of randomRequests(common, ROUNDS, seed)) {
    if (isDeadly(request)) continue
    count++
    const { kea, whio } = await both.ask(request)
    for (const words of differencesOf(request.command, kea, whio))
      if (!isExplained(words)) unexplained.set(words, request)
  }
  t.ok(count >= 300, `${count} requests`)
  t.strictSame(Object.fromEntries(unexplained), {})
}

async function commonCommands(both: BothServers): Promise<readonly Command[]> {
  const { kea } = await both.ask({ command: 'list-commands' })
  const { arguments: names } = kea as { arguments: readonly string[] }
  return names
    .flatMap((name) => (OTHERWISE.has(name) ? [] : (COMMANDS.get(name) ?? [])))
    .map(withoutNames)
}

/** Kea looks at update-ddns last, or not at all, and does what is refused here. */
function withoutNames(command: Command): Command {
  const { 'update-ddns': _, ...properties } = command.parameters?.properties ?? {}
  return { ...command, parameters: command.parameters && { ...command.parameters, properties } }
}

t.test('Kea and Whio', { skip: systemSkip('kea-dhcp4', 'kea-dhcp6') }, async (t) => {
  t.test('commands to a server of DHCPv4', (t) => compare(t, 4, 31))
  t.test('commands to a server of DHCPv6', (t) => compare(t, 6, 33))
  t.test('no difference is listed that is not there', async (t) => {
    t.same(
      explained.filter(({ isThere }) => !isThere).map(({ what }) => what.source),
      [],
    )
  })
})
