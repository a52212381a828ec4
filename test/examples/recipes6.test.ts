// The recipes of DHCPv6 among the examples: a client of each kind gets what the file promises to
// it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseConfig } from '../../lib/config/check.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { clientId, iaNa, ip6, oro, REQUEST, SOLICIT, serverId } from '../dhcp6/messages6.ts'
import { TestServer6 } from '../dhcp6/test-server6.ts'

function serverOf(file: string): TestServer6 {
  const text = readFileSync(join(import.meta.dirname, '../../examples', file), 'utf8')
  const { document } = parseConfig(text, file, () => undefined)
  return new TestServer6(document!.Dhcp6 as Dhcp6Document)
}

t.test('netboot6.json: firmware of each kind is told its boot file', async (t) => {
  const server = serverOf('netboot6.json')
  const at = 'http://[2001:db8:20::2]'
  const tftp = 'tftp://[2001:db8:20::2]'
  const http = '\0\0\x01\x57\0\x0aHTTPClient'
  const rows: [kind: string, architecture: string, userClass: string, url: string, own?: string][] =
    [
      ['UEFI', '\0\x07', '', `${tftp}/ipxe.efi`],
      ['UEFI by its other number', '\0\x09', '', `${tftp}/ipxe.efi`],
      ['UEFI on ARM', '\0\x0b', '', `${tftp}/ipxe-arm64.efi`],
      ['UEFI over HTTP', '\0\x10', '', `${at}/ipxe.efi`, http],
      ['UEFI over HTTP on ARM', '\0\x13', '', `${at}/ipxe-arm64.efi`, http],
      ['UEFI over HTTP, then TFTP', '\0\x10\0\x07', '', `${at}/ipxe.efi`, http],
      ['iPXE on UEFI', '\0\x07', '\0\x04iPXE', `${at}/boot.ipxe`],
      ['an installed system', '', '', ''],
    ]
  for (const [index, [kind, architecture, userClass, url, own]] of rows.entries()) {
    const options = [
      ...(architecture === '' ? [] : [[61, architecture] as const]),
      ...(userClass === '' ? [] : [[15, userClass] as const]),
    ]
    const reply = server.reply(SOLICIT, [clientId(index + 9), iaNa(1), oro(23, 59), ...options])
    t.equal(reply.message.option(59) ?? '', url, kind)
    t.equal(reply.message.option(16), own, kind)
    const [lease = ''] = reply.ias[0]?.leases ?? []
    t.match(lease, url === '' ? / 3600\/7200$/ : / 300\/600$/, `${kind}: ${lease}`)
  }
})

t.test('netboot6.json: one address in all stages of a boot', async (t) => {
  const server = serverOf('netboot6.json')
  for (const [stage, iaid] of [
    ['firmware', 1],
    ['iPXE', 7],
    ['system', 0x5e100001],
  ] as const) {
    const arrival = { address: ip6('fe80::5eff:fe10:1') }
    const ids = [clientId(stage.length), serverId()]
    const reply = server.reply(REQUEST, [...ids, iaNa(iaid)], [], arrival)
    t.match(reply.ias[0]?.leases[0], /^2001:db8:20::10 /, stage)
  }
})
