// The options of a reply of DHCPv6, as option-report.ts tells of them. What is said of IAs is told
// elsewhere.

import { uintFromOctets } from '../bytes/cursor.ts'
import { OWNED_OPTIONS6 } from '../config/compile/owned-options.ts'
import { levelsFor, type RankedLevel } from '../config/plan/option-set.ts'
import { SentReply6 } from '../dhcp6/sent-reply6.ts'
import type { Trace6 } from '../dhcp6/trace6.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import { type OptionsReport, optionsReport } from './option-report.ts'
import { poolText, valueText6 } from './words6.ts'

/** Told elsewhere. */
const OF_IAS: readonly number[] = [OPTION6.iaNa, OPTION6.iaPd]

export function optionsReport6(trace: Trace6, reply: Message6): OptionsReport {
  const { classes, options, plan, query, reservation } = trace
  const { registry } = plan
  const list = query.option(OPTION6.optionRequest) ?? ''
  const ofClasses = plan.classes.given.map((given) => given?.options)
  const levels =
    options === undefined ? [] : levelsFor(options, classes, ofClasses, reservation?.options)
  const asked = new Set<number>()
  for (let at = 0; at + 2 <= list.length; at += 2) asked.add(uintFromOctets(list, at, 2))
  return optionsReport({
    registry,
    space: 'dhcp6',
    levels,
    classes,
    reply: new SentReply6(reply, list),
    asked,
    valuesOf: (code) =>
      OF_IAS.includes(code) ? [] : reply.all(code).map((data) => valueText6(registry, code, data)),
    levelName: (from) => levelName(trace, from),
    ofServer: (code) => ofServer(code, trace),
    isOwned: (code) => OWNED_OPTIONS6.has(code),
  })
}

function levelName({ plan, place, located }: Trace6, from: RankedLevel): string {
  const subnet = place?.subnet ?? located
  switch (from.scope) {
    case 'class':
      return `class ${plan.classes.names[from.number]}`
    case 'network':
      return `network ${subnet?.network?.name}`
    case 'subnet':
      return `subnet ${subnet?.id}`
    case 'pool': {
      const pools = subnet === undefined ? [] : [...subnet.pools, ...subnet.pdPools]
      const pool = pools.find(({ options }) =>
        options.levels.some(({ level }) => level === from.level),
      )
      return pool === undefined ? 'pool' : `pool ${poolText(pool)}`
    }
    default:
      return from.scope
  }
}

/** By what the server puts an option there that no entry of option-data gives. */
function ofServer(code: number, { plan, query }: Trace6): string {
  if (plan.flexOptions.some((action) => action.code === code)) return 'libdhcp_flex_option'
  switch (code) {
    case OPTION6.clientId:
      return 'returned as the client sent it'
    case OPTION6.serverId:
      return 'the DUID of the server, which is made when it starts'
    case OPTION6.statusCode:
      return 'what comes of the message'
    case OPTION6.rapidCommit:
      return 'rapid-commit'
    case OPTION6.fqdn:
      return 'the answer to option 39 of the client'
    case OPTION6.addressRegistration:
      return 'allow-address-registration'
    default:
      return query.relays.some((relay) => relay.has(OPTION6.relaySuppliedOptions))
        ? 'a relay supplies it'
        : 'the server'
  }
}
