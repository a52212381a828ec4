// `whio dns check` and `whio dns repair` beside a BIND that somebody has spoilt zones of, in both
// families: zones that it hands out, signed and in many messages, and one that it does not.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { askUnix } from '../../lib/cli/ctl-doors.ts'
import { BIND_KEY_KEA, BIND_ZONES, Bind, type BindZone, REVERSE4, REVERSE6 } from './bind.ts'
import { folder } from './daemon.ts'
import { bothFamilies, ddnsMap, NET6 } from './names-documents.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('named', 'dig', 'nsupdate')
const ZONE = 'lab.test'
/** Leases of each family. */
const COUNT = 12

function documentIn(at: string) {
  const common = { 'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') } }
  const door = (name: string) => ({
    'control-socket': { 'socket-type': 'unix', 'socket-name': join(at, name) },
  })
  return {
    ...bothFamilies(common, door('control'), door('control6')),
    DhcpDdns: ddnsMap([ZONE, REVERSE4, REVERSE6]),
  }
}

const SIGNED = 'allow-transfer { key whio-dhcp.; };'
const ZONES: Readonly<Record<string, BindZone>> = {
  [ZONE]: {
    policy: `update-policy { grant whio-dhcp. zonesub ANY; }; ${SIGNED}`,
    records: ['ns A 127.0.0.1', 'printer A 192.0.2.150', 'a\\.b TXT dot'],
  },
  [REVERSE4]: { policy: `${BIND_ZONES[REVERSE4]!.policy} ${SIGNED}` },
  [REVERSE6]: { policy: 'allow-update { any; }; allow-transfer { none; };' },
}

t.test('names in BIND are compared with leases, and mended', { skip }, async (t) => {
  const net = network(t)
  const [server, other] = [net.namespace('server'), net.namespace('other')]
  net.veth(server, 'eth0', other, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  server.addAddress6('eth0', `${NET6}1:1/64`)
  const statements = 'server 127.0.0.1 { transfer-format one-answer; };'
  const bind = await Bind.start(t, { within: server, zones: ZONES, statements })
  const at = folder(t)
  const file = join(at, 'whio.conf')
  writeFileSync(file, JSON.stringify(documentIn(at)))
  await server.linkLocal('eth0')
  const whio = server.node('bin/whio.ts', 'serve', '-c', file)
  await whio.until(/DHCP4_INTERFACE_SERVING/)
  await whio.until(/DHCP6_INTERFACE_SERVING/)

  const ask = async (family: 4 | 6, command: string, given?: object) => {
    const request = JSON.stringify({ command, ...(given && { arguments: given }) })
    const answer = JSON.parse(
      await askUnix(join(at, family === 4 ? 'control' : 'control6'), request),
    )
    t.equal(answer.result, 0, `${command}: ${answer.text}`)
  }
  while (!existsSync(join(at, 'control6'))) await delay(50)
  for (let number = 0; number < COUNT; number++) {
    const named = { hostname: `pc${number}.${ZONE}.`, 'fqdn-fwd': true, 'fqdn-rev': true }
    const hex = number.toString(16).padStart(2, '0')
    const four = { 'ip-address': `192.0.2.${100 + number}`, 'hw-address': `02:00:00:00:00:${hex}` }
    await ask(4, 'lease4-add', { ...named, ...four })
    const six = {
      'ip-address': `${NET6}${hex}`,
      duid: `00:03:00:01:02:00:00:00:01:${hex}`,
      iaid: 1,
    }
    await ask(6, 'lease6-add', { ...named, ...six, hostname: `six${number}.${ZONE}.` })
  }
  const signed = `hmac-sha256:${BIND_KEY_KEA.name}:${BIND_KEY_KEA.secret}`
  /** Records with names of ours, without TTLs and digests. */
  const lines = async (zone: string) => {
    const words = ['+noall', '+answer', '+nosplit', zone, 'AXFR']
    return (await bind.dig('-y', signed, ...words))
      .split('\n')
      .map((line) => line.split(/\s+/))
      .filter(([, , , type]) => /^(A|AAAA|PTR|DHCID)$/.test(type ?? ''))
      .map(([name, , , type, data]) => `${name} ${type} ${type === 'DHCID' ? '' : data}`)
      .sort()
  }
  const whole = async () => [...(await lines(ZONE)), ...(await lines(REVERSE4))]
  /** Two for each lease in each zone, and what stands there anyway. */
  const isThere = async () => (await whole()).length === 6 * COUNT + 2
  const pointer6 = async (number: number) => {
    const words = ['+short', '-x', `${NET6}${number.toString(16)}`]
    return (await bind.dig(...words)).trim()
  }
  while (!(await isThere())) await delay(100)
  while ((await pointer6(COUNT - 1)) === '') await delay(100)
  const before = await whole()

  const dns = async (...words: readonly string[]) => {
    const running = server.node('bin/whio.ts', 'dns', ...words)
    const code = await running.ended
    return { code, lines: running.stdout.trimEnd().split('\n') }
  }
  const well = await dns('check', file)
  t.match(well, { code: 0 }, well.lines.join('\n'))
  t.match(well.lines, [
    /^zone lab\.test\. at 127\.0\.0\.1: 24 names of leases$/,
    /^zone 1\.0.*ip6\.arpa\. .*: 12 names of leases, each asked for \(.*REFUSED\)$/,
    /^zone 2\.0\.192\.in-addr\.arpa\. at 127\.0\.0\.1: 12 names of leases$/,
    /^OK: /,
  ])

  const dhcid = 'AAEBOSD+XR3Os/0LozeXVqcNc7FwCfQdWL3b/NaiUDlW2No='
  await bind.update(
    `zone ${ZONE}`,
    `update delete pc0.${ZONE}`,
    `update delete six1.${ZONE} AAAA`,
    `update add pc2.${ZONE} 300 A 192.0.2.170`,
    `update add ghost.${ZONE} 300 A 192.0.2.171`,
    `update add ghost.${ZONE} 300 DHCID ${dhcid}`,
    `update add ghost.${ZONE} 300 AAAA ${NET6}77`,
    `update add elsewhere.${ZONE} 300 A 198.51.100.1`,
    `update add elsewhere.${ZONE} 300 DHCID ${dhcid}`,
  )
  await bind.update(
    `zone ${REVERSE4}`,
    `update delete 103.${REVERSE4}`,
    `update add 171.${REVERSE4} 300 PTR ghost.${ZONE}.`,
    `update add 171.${REVERSE4} 300 DHCID ${dhcid}`,
  )
  const nibbles = `4.0.${'0.'.repeat(18)}${REVERSE6}`
  await bind.update(`zone ${REVERSE6}`, `update delete ${nibbles}`)
  t.equal(await pointer6(4), '')
  const spoilt = await whole()

  const found = await dns('check', '--socket', join(at, 'control6'), '--json')
  t.equal(found.code, 1)
  const { counts, findings } = JSON.parse(found.lines[0]!)
  const said = findings.map((one: Record<string, string>) =>
    [one.kind, one.direction, one.name, one['ip-address']].join(' '),
  )
  t.same(said.sort(), [
    `different forward pc2.${ZONE}. 192.0.2.102`,
    `missing forward pc0.${ZONE}. 192.0.2.100`,
    `missing forward six1.${ZONE}. ${NET6}1`,
    `missing reverse pc3.${ZONE}. 192.0.2.103`,
    `missing reverse six4.${ZONE}. ${NET6}4`,
    `orphan forward ghost.${ZONE}. 192.0.2.171`,
    `orphan forward ghost.${ZONE}. ${NET6}77`,
    `orphan reverse ghost.${ZONE}. 192.0.2.171`,
  ])
  t.match(counts, { missing: 4, different: 1, orphans: 3, written: 0 })
  t.same(await whole(), spoilt, 'a check changes nothing')

  const mended = await dns('repair', '-c', file)
  t.equal(mended.code, 0, mended.lines.join('\n'))
  t.equal(mended.lines.at(-1), 'OK: 5 names added again, 3 removed')
  const wanted = [
    ...before,
    `elsewhere.${ZONE}. A 198.51.100.1`,
    `elsewhere.${ZONE}. DHCID `,
  ].sort()
  while ((await whole()).sort().join() !== wanted.join()) await delay(100)
  while ((await pointer6(4)) !== `six4.${ZONE}.`) await delay(100)
  const again = await dns('check', file)
  t.match(again, { code: 0 }, again.lines.join('\n'))

  await bind.stop()
  const away = await dns('check', file)
  t.equal(away.code, 2, away.lines.join('\n'))
  t.match(away.lines.at(-1), /^CRITICAL: not looked at: lab\.test\. \(nobody listens there\), /)
  whio.kill()
  t.equal(await whio.ended, 0)
  t.match(await dns('check', file), { code: 3, lines: [/^UNKNOWN: /] })
})
