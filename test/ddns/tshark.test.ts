// Every message of every mode as tshark reads it, which shares no code with Whio.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import type { TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import { questionOf } from '../../lib/ddns/judge.ts'
import type { DnsUpdate } from '../../lib/ddns/message.ts'
import { stepsOf } from '../../lib/ddns/modes.ts'
import { updateOf } from '../../lib/ddns/update.ts'
import { order, PC1, V4_10, V6_20 } from './golden.ts'

const tshark = spawnSync('tshark', ['--version']).status === 0
const skip = tshark || process.env.CI === 'true' ? false : 'tshark is not installed'

const MODES = [
  'check-with-dhcid',
  'check-exists-with-dhcid',
  'no-check-with-dhcid',
  'no-check-without-dhcid',
] as const
const KEY: TsigKeyPlan = {
  name: 'dhcp.lab.test',
  algorithm: 'hmac-sha512',
  secret: 'secret',
  digestBits: 0,
}

const UPDATES: readonly DnsUpdate[] = MODES.flatMap((mode) =>
  [V4_10, V6_20].flatMap((address) =>
    (['add', 'remove'] as const).flatMap((action) =>
      (['forward', 'reverse'] as const).flatMap((direction) => {
        const wanted = order({ action, direction, registration: { mode, address } })
        return stepsOf(mode, action, direction).map((step) =>
          updateOf(step, wanted, wanted.zone!, PC1),
        )
      }),
    ),
  ),
)

t.test('RFC 2136: tshark reads every message of every mode alike', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-pcap-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const questions = UPDATES.map((update, id) => questionOf(update, id, KEY, 1_800_000_000, 0))
  const messages = questions.map(({ message }) => bytesFromOctets(message))
  writeFileSync(join(folder, 'updates.pcap'), pcap(messages))
  const fields = [
    'dns.id',
    'dns.flags.opcode',
    'dns.qry.name',
    'dns.qry.type',
    'dns.count.prerequisites',
    'dns.count.updates',
    'dns.count.add_rr',
    'dns.resp.name',
    'dns.resp.type',
    'dns.resp.class',
    'dns.resp.ttl',
    'dns.a',
    'dns.aaaa',
    'dns.ptr.domain_name',
    'dns.tsig.mac_size',
    '_ws.malformed',
  ]
  const named = fields.flatMap((field) => ['-e', field])
  const options = ['-n', '-r', join(folder, 'updates.pcap'), '-T', 'fields', ...named]
  const run = spawnSync('tshark', options, { encoding: 'utf8' })
  const lines = run.stdout.split('\n').slice(0, -1)
  t.equal(lines.length, UPDATES.length, run.stderr)
  for (const [index, { zone, prerequisites, updates }] of UPDATES.entries()) {
    const read = lines[index]!.split('\t')
    const [id, opcode, zoneName, zoneType, wanted, changed, more, ...rest] = read
    t.same([Number(id), opcode, zoneName, zoneType], [index, '5', zone, '6'])
    const counts = [wanted, changed, more].map(Number)
    t.same(counts, [prerequisites.length, updates.length, 1])
    const [names, types, classes, ttls, a, aaaa, ptr, macSize, malformed] = rest
    const records = [...prerequisites, ...updates]
    const numbers = (text = ''): number[] => text.split(',').map(Number)
    t.same(
      names!.split(',').slice(0, records.length),
      records.map(({ name }) => name),
    )
    t.same(
      numbers(types).slice(0, records.length),
      records.map(({ type }) => type),
    )
    t.same(
      numbers(classes).slice(0, records.length),
      records.map(({ dnsClass }) => dnsClass),
    )
    t.same(
      numbers(ttls).slice(0, records.length),
      records.map(({ ttl }) => ttl),
    )
    const valued = (of: number): number =>
      records.filter(({ type, data }) => type === of && data !== '').length
    t.equal(a, Array(valued(1)).fill('192.0.2.10').join())
    t.equal(aaaa, Array(valued(28)).fill('2001:db8:1::20').join())
    t.equal(ptr, Array(valued(12)).fill('pc1.open.test').join())
    t.equal(macSize, '64')
    t.equal(malformed, '')
  }
})

/** A capture of UDP datagrams to port 53 in raw IPv4 (link type 228). */
function pcap(datagrams: readonly Uint8Array[]): Buffer {
  const file = Buffer.alloc(24)
  file.writeUInt32LE(0xa1b2c3d4, 0)
  file.writeUInt16LE(2, 4)
  file.writeUInt16LE(4, 6)
  file.writeUInt32LE(65_535, 16)
  file.writeUInt32LE(228, 20)
  const parts: Uint8Array[] = [file]
  for (const datagram of datagrams) {
    const frame = Buffer.alloc(16 + 28)
    frame.writeUInt32LE(28 + datagram.length, 8)
    frame.writeUInt32LE(28 + datagram.length, 12)
    frame[16] = 0x45
    frame.writeUInt16BE(28 + datagram.length, 18)
    frame[24] = 64
    frame[25] = 17
    frame.set([127, 0, 0, 1, 127, 0, 0, 1], 28)
    frame.writeUInt16BE(40_000, 36)
    frame.writeUInt16BE(53, 38)
    frame.writeUInt16BE(8 + datagram.length, 40)
    parts.push(frame, datagram)
  }
  return Buffer.concat(parts)
}
