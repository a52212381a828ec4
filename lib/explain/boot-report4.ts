// The fields of the header by which clients boot, with the level that each comes from.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { Dhcp4Document } from '../config/keys/document4.ts'
import type { BootFields } from '../config/plan/given.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { levelOfKey } from './levels4.ts'

export interface BootReport {
  /** `siaddr`, `sname`, `file` */
  readonly field: string
  readonly key: 'next-server' | 'server-hostname' | 'boot-file-name'
  readonly value: string
  readonly from: string
}

export function bootReport(trace: Trace4, reply: Message4, document: Dhcp4Document): BootReport[] {
  const { siaddr } = reply
  const fields = [
    ['siaddr', 'next-server', 'nextServer', siaddr === 0 ? '' : textFromIpv4(siaddr), siaddr],
    ['sname', 'server-hostname', 'serverHostname', reply.serverName(), reply.serverName()],
    ['file', 'boot-file-name', 'bootFileName', reply.bootFile(), reply.bootFile()],
  ] as const
  return fields
    .filter(([, , , value]) => value !== '')
    .map(([field, key, member, value, raw]) => {
      return { field, key, value, from: levelOf(trace, member, raw, key, document) }
    })
}

/** Who says what was sent: the strongest level that says it. */
function levelOf(
  { plan, reservation, classes, place, located }: Trace4,
  member: keyof BootFields,
  sent: BootFields[keyof BootFields],
  key: BootReport['key'],
  document: Dhcp4Document,
): string {
  if (reservation !== undefined && reservation.bootFields[member] === sent) return 'reservation'
  for (const number of classes.order.subarray(0, classes.count))
    if (plan.classes.given[number]?.bootFields[member] === sent)
      return `class ${plan.classes.names[number]}`
  const subnet = place?.subnet ?? located
  return subnet === undefined ? 'global' : levelOfKey(document, subnet, [key])
}
