// What people see of a pair: the lab on a terminal, and the orders that an operator gives a running
// server.

import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import { LabPair } from '../../lib/cli/lab-pair.ts'
import type { LabServer } from '../../lib/cli/lab-server.ts'
import type { ServerStatus } from '../../lib/server/status.ts'
import { noTerminal, Terminal } from './terminal.ts'
import { configure, folder, start, whio, withoutPartner } from './whio.ts'

t.test('the lab on a terminal', { skip: noTerminal() }, async (t) => {
  t.test('a pair: kill, pause, cut off and revive', async (t) => {
    const TMPDIR = folder(t)
    const lab = new Terminal(t, 'lab --clients 3', { TMPDIR })
    await lab.shows(/3 of 3 clients bound/)
    await lab.shows(/> server1 {2}load-balancing: serving its own half/)
    t.comment('a server dies, the other one serves all')
    lab.press('2k')
    await lab.shows(/> server2 {2}KILLED/)
    await lab.shows(/server1 {2}partner-down: serving both halves, partner down/)
    await lab.shows(/scopes server1 server2; partner server2 is gone/)
    lab.press('r')
    await lab.shows(/> server2 {2}load-balancing/)
    t.comment('one stands still')
    lab.press('\tp')
    await lab.shows(/> server1 {2}PAUSED/)
    await lab.shows(/server2 {2}partner-down/)
    lab.press('r')
    await lab.shows(/> server1 {2}load-balancing/)
    t.comment('the link is cut, clients reach both')
    await lab.shows(/server2 {2}load-balancing/)
    lab.press('l')
    await lab.shows(/link CUT/)
    // A server whose disk is busy at this moment leaves the pair first.
    await lab.shows(/is silent, takeover in \d\.\d s|has stopped in good order/)
    await lab.shows(/> server1 {2}partner-down[\s\S]*server2 {2}partner-down/)
    lab.press('l')
    await lab.shows(/> server1 {2}load-balancing[\s\S]*server2 {2}load-balancing/)
    t.comment('a host is unplugged')
    lab.press('1c')
    await lab.shows(/> server1 .*CUT OFF from everybody/)
    lab.press('r')
    await lab.shows(/> server1 {2}load-balancing/)
    await lab.shows(/3 of 3 clients bound/)
    lab.press('q')
    await lab.shows(/3 of 3 clients bound, server1 \S+, server2 \S+\r\n/)
    t.equal(await lab.ended, 0)
    t.same(readdirSync(TMPDIR), [])
  })

  t.test('a single server', async (t) => {
    const lab = new Terminal(t, 'lab --single --clients 3', { TMPDIR: folder(t) })
    await lab.shows(/192\.0\.2\.0\/24: 3 of 241 addresses leased/)
    // The server has leased before the client has heard.
    for (const index of [1, 2, 3])
      await lab.shows(
        RegExp(
          `client-${index} +02:00:00:00:00:0${index} +192\\.0\\.2\\.\\d+ +2001:db8::\\S+ +█+·* \\d+\\.\\d s`,
        ),
      )
    lab.press('\x03')
    await lab.shows(/3 of 3 clients bound/)
    t.equal(await lab.ended, 0)
  })
})

t.test('the lab cannot be spoilt before the two have met', async (t) => {
  const wish = { folder: folder(t), clients: 1, duration: undefined }
  const pair = new LabPair(wish, await freePorts(4), () => {})
  t.after(() => pair.stop())
  const [one, other] = pair.servers
  const say = (server: LabServer, rights: string) => {
    server.status = { ha: { rights } } as unknown as ServerStatus
  }
  const tries = () => {
    pair.toggleLink()
    pair.cutOff(one!)
    return [pair.isLinkCut, one!.isCutOff]
  }
  t.same(tries(), [false, false])
  say(one!, 'shared')
  say(other!, 'none')
  t.same(tries(), [false, false])
  say(other!, 'shared')
  t.same(tries(), [true, true])
  say(other!, 'none')
  t.ok(pair.hasMet, 'what was done later does not count')
})

t.test('orders to a server whose partner was never met', async (t) => {
  const at = folder(t)
  const file = configure(at, await withoutPartner())
  const journal = join(at, 'leases.sqlite')
  t.match(await whio('serve-alone', '-c', file), {
    code: 1,
    stdout: '',
    stderr: `whio serve-alone: no server runs with ${journal}\n`,
  })
  t.same(await whio('status', '--check', file), {
    code: 2,
    stdout: `CRITICAL: no server runs with ${journal}\n`,
    stderr: '',
  })
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const door = `${journal}.control`
  t.equal(statSync(door).mode & 0o777, 0o600)

  const [waiting, off, start2, check] = await Promise.all([
    whio('status', file),
    whio('partner-off', '-c', file),
    whio('maintenance-start', file),
    whio('status', file, '--check'),
  ])
  t.match(check, { code: 2, stdout: /^CRITICAL: no client is answered: partner server2 is gone/ })
  t.match(waiting, { code: 0, stderr: '' })
  t.match(waiting.stdout.trimEnd().split('\n'), [
    'server running, it answers no client at present',
    new RegExp(`^process ${daemon.pid} since `),
    `configuration ${file}, read `,
    'interface lo: served',
    '198.18.0.0/24: 0 of 90 leased',
    'server1 (primary, load-balancing): waiting, not serving, waiting for the partner',
    'answers clients of nobody',
    /^partner server2 is gone/,
    'free for new clients: 0 here, 90 only through the partner',
    'it has no rights: it has not met its partner yet',
    'why: nobody listens there',
    'next: start server2; to begin without it: `whio serve-alone`',
  ])
  t.match(off, { code: 1, stdout: '', stderr: /^whio partner-off: .*serve-alone\n$/ })
  t.match(start2, { code: 1, stderr: /^whio maintenance-start: .*rights/ })

  t.same(await whio('serve-alone', '-c', file), {
    code: 0,
    stdout: 'this server serves alone until it meets server2\n',
    stderr: '',
  })
  t.match(await daemon.log('HA_SOLE'), { level: 'warn' })
  await daemon.line(/"to":"partner-down"/)
  t.match((await whio('status', file)).stdout, /: partner-down, serving both halves/)
  t.match(await whio('maintenance-start', file), {
    code: 0,
    stdout: /^server2 may be worked on(;|\n)/,
  })
  t.match(await whio('status', '--check', file), { code: 1, stdout: /^WARNING: partner-down, / })
  t.match(await whio('status', '--check', '--json', file), { code: 2, stderr: /not both/ })
  t.match(JSON.parse((await whio('status', '--json', file)).stdout), { ha: { rights: 'sole' } })

  t.comment('a socket that was left behind')
  await daemon.kill()
  t.ok(existsSync(door))
  t.match(await whio('status', file), { code: 1, stderr: /no server runs with/ })
  const again = start(t, ['serve', '-c', file, '-p', '0'])
  await again.log('DHCP4_STARTED')
  t.match(await whio('partner-off', '-c', file), { code: 1, stderr: /has every right already\n/ })
  again.signal('SIGTERM')
  t.equal((await again.ended).code, 0)
  t.notOk(existsSync(door))
})

t.test('leases for ever of the past are forgotten by a word at each server', async (t) => {
  const ports = await freePorts(2)
  const names = ['server1', 'server2']
  const peers = names.map((name, index) => ({
    name,
    role: index === 0 ? 'primary' : 'secondary',
    url: `http://127.0.0.1:${ports[index]}/`,
  }))
  const at = names.map(() => folder(t))
  const begin = (lifetime: number) =>
    names.map((name, index) => {
      const pair = { 'this-server-name': name, mode: 'load-balancing', peers }
      const parameters = { 'high-availability': [pair] }
      const hooks = [{ library: 'libdhcp_ha.so', parameters }]
      const file = configure(at[index]!, { 'hooks-libraries': hooks, 'valid-lifetime': lifetime })
      return { file, daemon: start(t, ['serve', '-c', file, '-p', '0']) }
    })
  const met = begin(4294967295)
  for (const { daemon } of met) await daemon.line(/"to":"load-balancing"/)
  for (const { file, daemon } of met) {
    t.match(await whio('stop', file), { code: 0 })
    await daemon.ended
  }
  const [one, two] = begin(600)
  for (const { daemon } of [one!, two!]) await daemon.log('DHCP4_INTERFACE_SERVING')
  for (const [{ file }, other] of [
    [one!, 'server2'],
    [two!, 'server1'],
  ] as const)
    t.same(await whio('forget-lifetime', file), {
      code: 0,
      stdout: `longer lifetimes are forgotten; say the same to ${other}\n`,
      stderr: '',
    })
  for (const { file, daemon } of [one!, two!]) {
    t.match(await whio('stop', file), { code: 0 })
    await daemon.ended
  }
  const again = begin(600)
  for (const { daemon } of again) await daemon.line(/"to":"load-balancing"/)
  const nothing = {
    code: 1,
    stdout: '',
    stderr: /: nothing longer is remembered than .*, 600 s\n$/,
  }
  for (const { file } of again) t.match(await whio('forget-lifetime', file), nothing, 'for good')
})

t.test('a server without a pair, one without a journal, one without a supervisor', async (t) => {
  const at = folder(t)
  const file = configure(at)
  const daemon = start(t, ['serve', '-c', file, '-p', '0', '--supervised'])
  await daemon.log('DHCP4_STARTED')
  const [status, off, twice] = await Promise.all([
    whio('status', '-c', file),
    whio('partner-off', '-c', file),
    whio('partner-off', 'a', 'b', 'c', 'd', 'e'),
  ])
  t.match(status, { code: 0, stdout: /^server serving\n/ })
  t.same(await whio('status', '--check', file), {
    code: 0,
    stdout: 'OK: serving on lo\n',
    stderr: '',
  })
  t.notMatch(status.stdout, /partner/)
  t.match(off, { code: 1, stderr: 'whio partner-off: this server is not one of a pair\n' })
  t.match(twice, {
    code: 2,
    stderr: /name a configuration file, or several: .*\nusage: whio partner-off \[-c FILE\]/,
  })
  daemon.closeStdin()
  t.equal((await daemon.ended).code, 0, 'it ends with its supervisor')

  const memory = join(folder(t), 'memory.conf')
  const config = { 'lease-database': { type: 'memfile', persist: false } }
  writeFileSync(memory, JSON.stringify({ Dhcp4: { ...config } }))
  t.match(await whio('status', memory), { code: 1, stderr: /in memory only takes no orders\n$/ })
  t.match(await whio('status', '--check', memory), { code: 3, stdout: /^UNKNOWN: .*in memory/ })
  t.match(await whio('status', '--check', 'nowhere'), {
    code: 3,
    stdout: /^UNKNOWN: nowhere cannot be read: no such file or directory, and no server is known/,
  })
})
