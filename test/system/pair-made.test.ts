// From one server with leases to a pair by `whio pair`: what it writes is installed on two hosts as
// it says, while clients go on asking.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { folder, leasesOf } from './daemon.ts'
import { systemSkip } from './netns.ts'
import { conflicts, Load, missing, PairHosts } from './pair-hosts.ts'

const skip = systemSkip('unshare', 'mount', 'openssl')

const NODE = process.execPath
const MAIN = join(import.meta.dirname, '../../bin/whio.ts')

/** On the second host the folder of the first one is its own, as on a machine of its own. */
function asOnItsOwn(at: string): readonly string[] {
  const script = `mount --make-rprivate / && mount --bind "${at}/host2" "${at}/host1" && exec "$@"`
  return ['unshare', '--mount', 'sh', '-c', script, 'sh']
}

class Story {
  readonly at: string
  readonly pair: PairHosts

  constructor(t: Test) {
    this.at = folder(t)
    const prefix = (host: number) => (host === 1 ? asOnItsOwn(this.at) : [])
    this.pair = new PairHosts(t, this.at, { mode: 'load-balancing', prefix })
  }

  get config(): string {
    return `${this.at}/host1/dhcp4.conf`
  }

  whio(...args: string[]): string {
    const [, ...env] = ['env', '-u', 'NODE_OPTIONS']
    return this.pair.hosts[0]!.run('env', ...env, NODE, MAIN, ...args)
  }

  /** The script that `whio pair` has written, as root of that host. */
  install(host: 0 | 1, made: string): string {
    const script = `${made}/server${host + 1}/install`
    const words = ['sh', '-c', `WHIO="${this.at}/whio" sh "${script}"`]
    const prefix = host === 1 ? asOnItsOwn(this.at) : []
    const [program, ...rest] = [...prefix, ...words]
    return this.pair.hosts[host]!.run(program!, ...rest)
  }
}

for (const words of [[], ['--tls']])
  t.test(`from one server to two, ${words.join(' ') || 'with a password'}`, { skip }, async (t) => {
    const story = new Story(t)
    const { pair, at } = story
    // A command of one word for the scripts.
    pair.hosts[0]!.run(
      'sh',
      '-c',
      `printf '#!/bin/sh\nunset NODE_OPTIONS\nexec "${NODE}" "${MAIN}" "$@"\n' > ${at}/whio; chmod 755 ${at}/whio`,
    )
    const alone = pair.prepare(0)
    const { 'hooks-libraries': _, ...single } = pair.dhcp4(0) as Record<string, unknown>
    alone.configure(single)
    alone.restart()
    await alone.serves('dhcp')
    const load = await Load.start(pair.clients)
    load.go()
    await load.heard(300, 0, 0)

    const made = `${at}/made`
    const said = story.whio('pair', '10.78.0.2', '-c', story.config, '--to', made, ...words)
    t.match(said, /load-balancing pair of server1 \(this host, 10\.78\.0\.1\) and server2/)
    t.match(said, `scp -pr ${made}/server2 root@10.78.0.2:whio-pair`)
    t.equal(statSync(join(made, 'server2')).mode & 0o77, 0, 'secrets are for nobody else')
    const secret = words.length === 0 ? 'pair-password' : 'tls/server.key'
    const texts = ['server1', 'server2'].map((name) =>
      readFileSync(join(made, name, secret), 'utf8'),
    )
    t.equal(texts[0] === texts[1], words.length === 0)
    t.notOk(readFileSync(story.config, 'utf8').includes('high-availability'), 'nothing is changed')
    t.throws(
      () => story.whio('pair', '10.78.0.2', '-c', story.config, '--to', made),
      /is there already/,
    )

    t.match(story.install(1, made), /now start: whio serve -c/)
    // Only the script of the other host has written there.
    t.ok(existsSync(`${at}/host2/dhcp4.conf`))
    const second = pair.prepare(1)
    pair.clients.run('cp', `${made}/server2/dhcp4.conf`, `${at}/host2/dhcp4.conf`)
    Object.assign(second, { configFile: story.config })
    second.restart()
    await second.line('DHCP4_STARTED')

    t.match(story.install(0, made), /now stop process \d+ and start the server again/)
    t.ok(existsSync(`${story.config}.before-pair`))
    t.equal(await alone.stop(), 0)
    alone.restart()
    await pair.areNormal()
    await load.heard(100, 1, load.mark)
    await load.settle()
    t.same(await pair.differences(), [], 'both journals have all leases')
    const rows = leasesOf(second.journalFile)
    t.same(missing(load.acks, rows), [], 'those from before, too')
    t.same(conflicts(load.acks), [])
    const checked = story.whio('pair', '--check', '-c', story.config)
    t.match(
      checked,
      /^good: .*\ngood: server1 here: load-balancing; partner server2 connected.*\ngood: both have the same subnets/,
    )
    await pair.kill(1)
    await alone.line('HA_STATE_TRANSITION', { to: 'partner-down' })
    await load.settle('renew')
    t.same(load.refusals, [])
  })

t.test('what stands in the way is said', { skip }, async (t) => {
  const story = new Story(t)
  const { pair } = story
  mkdirSync(`${story.at}/empty`)
  const paired = pair.prepare(0)
  const wrong = (...args: string[]): string => {
    try {
      return story.whio('pair', ...args)
    } catch (error) {
      return String((error as { stderr: string }).stderr) + (error as { stdout: string }).stdout
    }
  }
  t.match(wrong('10.78.0.2', '-c', story.config), /names a pair already: --check/)
  t.match(wrong('10.78.0.1', '-c', story.config), /10\.78\.0\.1 is an address of this host/)
  t.match(wrong('nowhere.invalid', '-c', story.config), /no address is known for nowhere\.invalid/)
  t.match(wrong('-c', story.config), /name the other host/)
  t.match(wrong('10.78.0.2', '--mode', 'x', '-c', story.config), /--mode: one of load-balancing/)
  t.match(wrong('10.78.0.2', '-c', '/absent.conf'), /\/absent\.conf cannot be read/)
  const lonely = wrong('--check', '-c', story.config)
  t.match(lonely, /good: .*server1.*\nBAD: server2 at 10\.78\.0\.2:8000: /)
  t.match(lonely, /BAD: no server runs here/)
  t.same(readdirSync(`${story.at}/host1`), ['dhcp4.conf'], 'nothing is left behind')
  t.notOk(existsSync(`${story.at}/host1/journal`))
  t.equal(paired.configFile, story.config)
})
