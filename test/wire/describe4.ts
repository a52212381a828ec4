// A DHCPv4 message as a listing, one line a field or option, for golden tests. Fields that are 0 or
// empty are listed too; options stand in the order of the wire.

import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import { printText } from '../../lib/wire/options/field.ts'
import { OPTIONS4 } from '../../lib/wire/options/options4.ts'
import { printOption } from '../../lib/wire/options/print.ts'
import { OPTION4 } from '../../lib/wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import type { Message4 } from '../../lib/wire/v4/reader.ts'

const BROADCAST_FLAG = 0x8000

/** The listing, each line ended by a line feed. */
export function describe4(message: Message4): string {
  const lines = [
    `op ${message.op}${{ 1: ' request', 2: ' reply' }[message.op] ?? ''}`,
    `htype ${message.htype}`,
    `hops ${message.hops}`,
    `xid 0x${message.xid.toString(16).padStart(8, '0')}`,
    `secs ${message.secs}`,
    `flags 0x${message.flags.toString(16).padStart(4, '0')}${message.flags & BROADCAST_FLAG ? ' broadcast' : ''}`,
    `ciaddr ${textFromIpv4(message.ciaddr)}`,
    `yiaddr ${textFromIpv4(message.yiaddr)}`,
    `siaddr ${textFromIpv4(message.siaddr)}`,
    `giaddr ${textFromIpv4(message.giaddr)}`,
    `chaddr ${hexFromOctets(message.hwAddress, ':')}`,
    `sname ${printText(message.serverName())}`,
    `file ${printText(message.bootFile())}`,
    ...message.codes().map((code) => describeOption(message, code)),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function describeOption(message: Message4, code: number): string {
  const definition = OPTIONS4.byCode('dhcp4', code)
  const value = printOption(definition, message.octets(code) ?? '')
  const note = code === OPTION4.messageType ? typeName(message.type) : ''
  return `option ${code} ${definition?.name ?? '?'}: ${value}${note}`
}

function typeName(type: number): string {
  const name = Object.entries(MESSAGE_TYPE4).find(([, number]) => number === type)?.[0]
  return name === undefined ? '' : ` ${name}`
}
