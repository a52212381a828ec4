// The options of a reply of DHCPv4, as option-report.ts tells of them.

import { OWNED_OPTIONS4 } from '../config/compile/owned-options.ts'
import { levelsFor, type RankedLevel } from '../config/plan/option-set.ts'
import { SentReply4 } from '../dhcp4/sent-reply4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { type OptionsReport, optionsReport } from './option-report.ts'
import { rangeText, valueText } from './words4.ts'

export function optionsReport4(trace: Trace4, reply: Message4): OptionsReport {
  const { plan, classes, query, options, reservation } = trace
  const { registry } = plan
  const list = query.octets(OPTION4.parameterRequestList) ?? ''
  const ofClasses = plan.classes.given.map((given) => given?.options)
  const levels =
    options === undefined ? [] : levelsFor(options, classes, ofClasses, reservation?.options)
  const codes = Array.from(list, (octet) => octet.charCodeAt(0))
  return optionsReport({
    registry,
    space: 'dhcp4',
    levels,
    classes,
    reply: new SentReply4(reply, list),
    asked: new Set(codes.filter((code) => code !== 0 && code !== OPTION4.end)),
    valuesOf: (code) => [valueText(registry, code, reply.octets(code) ?? '')],
    levelName: (from) => levelName(trace, from),
    ofServer: (code) => ofServer(code, trace),
    isOwned: (code) => OWNED_OPTIONS4.has(code),
  })
}

function levelName({ plan, place, located }: Trace4, from: RankedLevel): string {
  const subnet = place?.subnet ?? located
  switch (from.scope) {
    case 'class':
      return `class ${plan.classes.names[from.number]}`
    case 'network':
      return `network ${subnet?.network?.name}`
    case 'subnet':
      return `subnet ${subnet?.id}`
    case 'pool': {
      const pool = subnet?.pools.find(({ options }) =>
        options.levels.some(({ level }) => level === from.level),
      )
      return pool === undefined ? 'pool' : `pool ${rangeText(pool.range)}`
    }
    default:
      return from.scope
  }
}

/** By what the server puts an option there that no entry of option-data gives. */
function ofServer(code: number, { plan, reservation, query, place }: Trace4): string {
  if (plan.flexOptions.some((action) => action.code === code)) return 'libdhcp_flex_option'
  const timers = place?.subnet.timers
  switch (code) {
    case OPTION4.subnetMask:
      return 'the prefix of the subnet'
    case OPTION4.hostName:
      return reservation !== undefined && reservation.hostname !== ''
        ? 'hostname of the reservation'
        : 'the name of the client'
    case OPTION4.fqdn:
      return 'the answer to option 81 of the client'
    case OPTION4.leaseTime:
      return 'the lifetime'
    case OPTION4.renewalTime:
      return timers?.renew === undefined ? partOfLifetime(timers?.t1) : 'renew-timer'
    case OPTION4.rebindingTime:
      return timers?.rebind === undefined ? partOfLifetime(timers?.t2) : 'rebind-timer'
    case OPTION4.messageType:
      return 'the server'
    case OPTION4.serverIdentifier:
      return 'the address of the server'
    case OPTION4.clientIdentifier:
    case OPTION4.subnetSelection:
      return 'returned as the client sent it'
    case OPTION4.relayAgentInformation:
      return 'returned as the relay sent it'
    case OPTION4.message:
      return 'why it is refused'
    default:
      return query.has(code) ? 'an answer to what the client sent' : 'the server'
  }
}

function partOfLifetime(part = 0): string {
  return `${part * 100} % of the lifetime (calculate-tee-times)`
}
