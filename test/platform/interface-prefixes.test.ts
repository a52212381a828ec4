// The prefixes of interfaces, and the watch that tells when another one is there.

import t from 'tap'
import { prefix6FromText, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import type { PrefixSource } from '../../lib/config/plan/plan6.ts'
import { rowsOfTable } from '../../lib/platform/devices6.ts'
import { PrefixWatch, prefixesAmong, standing } from '../../lib/platform/interface-prefixes.ts'

const prefix = (text: string) => prefix6FromText(text)!

/** Lines of /proc/net/if_inet6. */
function linesOf(...lines: string[]): string {
  return `${lines.join('\n')}\n`
}

const LINK_LOCAL = 'fe80000000000000020000fffe000001 02 40 20 80     eth1'
const GLOBAL = '20010db8000100010000000000000001 02 40 00 80     eth1'
const LOWER = '20010db8000000010000000000000001 02 40 00 80     eth1'
const SAME = '20010db8000100010000000000000099 02 40 00 01     eth1'
const DEPRECATED = '20010db8000000090000000000000001 02 40 00 20     eth1'
const DOUBLE = '20010db8000000080000000000000001 02 40 00 08     eth1'
const TENTATIVE = '20010db8000300010000000000000001 02 40 00 40     eth1'
const HOST = '20010db8000000070000000000000001 02 80 00 80     eth1'
const WIDE = '20010db8000000000000000000000001 02 38 00 80     eth1'
const LOCAL = 'fd000000000000010000000000000001 02 40 00 80     eth1'
const OTHER = '20010db8000500010000000000000001 03 40 00 80     eth2'

t.test('prefixes of an interface', async (t) => {
  for (const [what, lines, prefixes] of [
    ['link-local alone is none', [LINK_LOCAL, OTHER], []],
    ['a global one, once', [LINK_LOCAL, GLOBAL, SAME, OTHER], ['2001:db8:1:1::/64']],
    ['of several the lowest', [GLOBAL, LOWER], ['2001:db8:0:1::/64', '2001:db8:1:1::/64']],
    ['not a deprecated one', [DEPRECATED, GLOBAL], ['2001:db8:1:1::/64']],
    ['not one that somebody else has', [DOUBLE, GLOBAL], ['2001:db8:1:1::/64']],
    ['one that is still being checked', [TENTATIVE], ['2001:db8:3:1::/64']],
    [
      'long ones first, addresses last',
      [WIDE, HOST, GLOBAL],
      ['2001:db8:1:1::/64', '2001:db8::/56', '2001:db8:0:7::1'],
    ],
    [
      'a unique local one beside a global one does not count',
      [LOCAL, GLOBAL],
      ['2001:db8:1:1::/64'],
    ],
    ['a unique local one alone', [LINK_LOCAL, LOCAL, DEPRECATED], ['fd00:0:0:1::/64']],
  ] as const)
    t.test(what, async (t) => {
      const rows = rowsOfTable(linesOf(...lines))
      t.same(prefixesAmong(rows, 'eth1').map(textFromPrefix6), prefixes)
    })
})

t.test('a running server keeps a prefix that is lost, until another one comes', async (t) => {
  const former = [{ interface: 'eth1', prefixes: [prefix('2001:db8:1::/64')] }]
  for (const [seen, stands] of [
    [undefined, '2001:db8:1::/64'],
    [[], '2001:db8:1::/64'],
    [['fd00::/64'], '2001:db8:1::/64'],
    [['2001:db8:2::/64'], '2001:db8:2::/64'],
  ] as const) {
    const look = () => seen?.map(prefix)
    t.same(standing(former, look)('eth1')?.map(textFromPrefix6), [stands])
  }
  t.equal(standing(former, () => undefined)('eth9'), undefined)
  t.same(standing(former, () => [])('eth9'), [])
  t.same(standing([{ interface: 'eth1', prefixes: [] }], () => [])('eth1'), [])
})

/** A host whose eth1 has what the test says; the plan follows at once, or never. */
function watched(prefixes: readonly string[], follows = true) {
  let there = prefixes.map(prefix)
  let inForce: readonly PrefixSource[] = [{ interface: 'eth1', prefixes: there }]
  const told: string[] = []
  const watch = new PrefixWatch({
    sources: () => inForce,
    look: () => (name) => (name === 'eth1' ? there : undefined),
    onMoved: (moved) => {
      told.push(moved.map((one) => one.prefixes.map(textFromPrefix6).join()).join(';'))
      if (follows) inForce = moved
    },
  })
  return {
    told,
    looks: (times: number) => {
      for (let left = times; left > 0; left--) watch.look()
    },
    now: (...texts: string[]) => {
      there = texts.map(prefix)
    },
  }
}

t.test('the watch', async (t) => {
  t.test('tells of another prefix once it stands', async (t) => {
    const host = watched(['2001:db8:1::/64'])
    host.looks(10)
    t.same(host.told, [])
    host.now('2001:db8:2::/64')
    host.looks(1)
    t.same(host.told, [], 'perhaps not all addresses are there')
    host.looks(10)
    t.same(host.told, ['2001:db8:2::/64'])
  })

  t.test('tells of the first one', async (t) => {
    const host = watched([])
    host.looks(10)
    host.now('2001:db8:2::/64')
    host.looks(3)
    t.same(host.told, ['2001:db8:2::/64'])
  })

  t.test('says nothing of a prefix that is lost and comes back', async (t) => {
    const host = watched(['2001:db8:1::/64'])
    host.now()
    host.looks(100)
    host.now('2001:db8:1::/64')
    host.looks(10)
    t.same(host.told, [])
  })

  t.test(
    'does not follow one that changes at every look, nor more often than every few seconds',
    async (t) => {
      const host = watched(['2001:db8:1::/64'])
      for (let at = 0; at < 20; at++) {
        host.now(`2001:db8:${at % 2}::/64`, '2001:db8:9::/64')
        host.looks(1)
      }
      t.same(host.told, [])
      for (let at = 0; at < 4; at++) {
        host.now(`2001:db8:a${at}::/64`)
        host.looks(2)
      }
      t.equal(host.told.length, 2, 'in eight seconds')
      host.looks(5)
      t.equal(host.told.at(-1), '2001:db8:a3::/64', 'the last one in the end')
    },
  )

  t.test(
    'says it once where the file cannot be served with it, and again after another change',
    async (t) => {
      const host = watched(['2001:db8:1::/64'], false)
      host.now('2001:db8:2::/64')
      host.looks(20)
      t.equal(host.told.length, 1)
      host.now('2001:db8:1::/64')
      host.looks(3)
      host.now('2001:db8:2::/64')
      host.looks(20)
      t.equal(host.told.length, 2)
    },
  )
})
