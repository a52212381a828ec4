// What has certainly passed while a server was off.

import t from 'tap'
import { certainlyPassed, type HostTimes, jumpSince, resumedAt } from '../../lib/time/downtime.ts'

const HOUR = 3_600_000
const THEN: HostTimes = { boot: 'one', uptime: 10 * HOUR, wall: 1e12, wallError: 50 }

t.test(
  'by the uptime within one boot, by a calendar that is kept across boots, else nothing',
  async (t) => {
    const cases: [
      name: string,
      now: Partial<HostTimes>,
      then: Partial<HostTimes>,
      hours: number,
    ][] = [
      ['one boot', { uptime: 12 * HOUR }, {}, 2],
      ['one boot, whatever the calendar', { uptime: 12 * HOUR, wall: 2e12 }, {}, 2],
      [
        'one boot, the calendar set back',
        { uptime: 12 * HOUR, wall: 0, wallError: undefined },
        {},
        2,
      ],
      ['an uptime that went back', { uptime: 9 * HOUR, wall: 2e12 }, {}, 0],
      ['another boot', { boot: 'two', uptime: 5, wall: 1e12 + 3 * HOUR }, {}, 3],
      ['nobody keeps the calendar now', { boot: 'two', wall: 2e12, wallError: undefined }, {}, 0],
      ['nobody kept it then', { boot: 'two', wall: 2e12 }, { wallError: undefined }, 0],
      ['the calendar went back', { boot: 'two', wall: 0 }, {}, 0],
      [
        'boots are not known',
        { boot: '', uptime: 12 * HOUR, wallError: undefined },
        { boot: '' },
        0,
      ],
    ]
    for (const [name, now, then, hours] of cases) {
      const passed = certainlyPassed({ ...THEN, ...then }, { ...THEN, ...now })
      t.ok(passed <= hours * HOUR && passed >= hours * HOUR - 2000, `${name}: ${passed}`)
      t.ok(hours === 0 || passed < hours * HOUR, 'rather too little')
    }
  },
)

t.test('the error of both calendars is taken off', async (t) => {
  const now = { ...THEN, boot: 'two', wall: THEN.wall + HOUR, wallError: 2000 }
  t.ok(certainlyPassed(THEN, now) <= HOUR - 2050)
})

t.test('a clock goes on from its stamp, or from what has passed since it was noted', async (t) => {
  const note = { ...THEN, stamp: 1000 }
  const later = (ms: number) => ({ ...THEN, uptime: THEN.uptime + ms })
  t.equal(resumedAt(5000, undefined, later(HOUR)), 5000)
  t.equal(resumedAt(5000, note, later(30_000)), 5000, 'a short while is not worth a jump')
  const resumed = resumedAt(5000, note, later(HOUR))
  t.ok(resumed > HOUR && resumed <= 1000 + HOUR, 'counted from the note, not from the stamp')
  t.equal(resumedAt(2 * HOUR, note, later(HOUR)), 2 * HOUR, 'never back')
})

t.test('how far a clock elsewhere has jumped while nobody was there', async (t) => {
  const STAMP = 5e12
  const note = (more: Partial<HostTimes> = {}, stamp = STAMP) => ({ ...THEN, ...more, stamp })
  /** An hour later, by all clocks of this host. */
  const LATER = { ...THEN, uptime: THEN.uptime + HOUR, wall: THEN.wall + HOUR }
  const other = { ...LATER, boot: 'two', uptime: 5 }
  const unkept = { wallError: undefined }
  const MINUTE = 60_000
  const rows: readonly (readonly [
    name: string,
    notes: ReturnType<typeof note>[],
    now: HostTimes,
    shown: number,
    jumped: 'ahead' | 'back' | 'none' | 'unknown',
  ])[] = [
    ['it went on like this host', [note()], LATER, HOUR, 'none'],
    ['a little faster, as clocks are', [note()], LATER, HOUR + 20_000, 'none'],
    ['ahead', [note()], LATER, HOUR + MINUTE, 'ahead'],
    ['back', [note()], LATER, HOUR - MINUTE, 'back'],
    ['the calendar here was set, too', [note()], { ...LATER, wall: 0 }, HOUR + MINUTE, 'ahead'],
    ['another boot, by the calendar', [note()], other, HOUR + MINUTE, 'ahead'],
    ['another boot, nothing', [note()], other, HOUR + 5000, 'none'],
    ['nobody kept the calendar', [note(unkept)], other, HOUR + MINUTE, 'unknown'],
    ['nobody keeps it', [note()], { ...other, ...unkept }, HOUR + MINUTE, 'unknown'],
    ['an uptime that went back', [note(unkept)], { ...LATER, uptime: 5 }, 2 * HOUR, 'unknown'],
    ['nothing was noted', [], LATER, HOUR + MINUTE, 'unknown'],
    [
      'another server has seen the jump',
      [note(), note({ boot: 'b', wall: THEN.wall + HOUR / 2 }, STAMP + HOUR / 2 + MINUTE)],
      LATER,
      HOUR + MINUTE,
      'none',
    ],
    [
      'the clock was put back before, so that an older note shows more',
      [note(), note({ uptime: THEN.uptime + HOUR / 2, wall: THEN.wall + HOUR / 2 }, STAMP - HOUR)],
      LATER,
      MINUTE - HOUR / 2,
      'ahead',
    ],
    [
      'which of two notes is older cannot be told: rather a jump too much',
      [
        note({ wall: THEN.wall + HOUR / 2 }, STAMP + HOUR / 2),
        note({ wall: THEN.wall + HOUR / 2 + 1000 }, STAMP + HOUR / 2 + MINUTE + 1000),
      ],
      other,
      HOUR + MINUTE,
      'ahead',
    ],
    [
      'what another server has noted cannot be compared',
      [note(), note({ boot: 'b', ...unkept }, STAMP + HOUR / 2)],
      LATER,
      HOUR + MINUTE,
      'ahead',
    ],
  ]
  for (const [name, notes, now, shown, jumped] of rows) {
    const by = jumpSince(notes, STAMP + shown, now)
    const found = by === undefined ? 'unknown' : by === 0 ? 'none' : by > 0 ? 'ahead' : 'back'
    t.equal(found, jumped, name)
    if (by !== undefined && by > 0)
      t.ok(by >= MINUTE && by < MINUTE + 30_000, `${name}: rather too much, ${by}`)
  }
})
