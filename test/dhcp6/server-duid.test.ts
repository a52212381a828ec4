// RFC 9915 §11: the DUID of a server, made once.

import t from 'tap'
import { type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { ServerIdPlan } from '../../lib/config/plan/plan6.ts'
import { type DuidSource, serverDuid } from '../../lib/dhcp6/server-duid.ts'
import { textFromDuid } from '../../lib/wire/v6/duid.ts'

const hex = (text: string): Octets => octetsFromHex(text)!

const PLAN: ServerIdPlan = {
  ...{ type: undefined, identifier: '', htype: 0, time: 0, enterprise: 0, persists: true },
}
const CARD = { htype: 1, address: hex('02:00:5e:10:00:01') }
const LLT = '00:01:00:01:00:00:00:0a:02:00:5e:10:00:01'
const EN = '00:02:00:00:09:bf:01:02:03:04:05:06'

const source = (hardware: typeof CARD | undefined = CARD): DuidSource => ({
  hardware: () => hardware,
  time: () => 946_684_810,
  random: () => hex('01:02:03:04:05:06'),
})
const host = source()
const cardless = { ...source(), hardware: () => undefined }

const made = (plan: Partial<ServerIdPlan>, kept = '', from: DuidSource = host): string =>
  textFromDuid(serverDuid({ ...PLAN, ...plan }, kept === '' ? '' : hex(kept), from))

t.test('without server-id', async (t) => {
  t.equal(made({}), LLT, 'an LLT of a card, once')
  t.equal(made({}, '', cardless), EN, 'an identifier that is drawn, where there is no card')
  for (const kept of [EN, LLT, '00:03:00:01:aa:bb:cc:dd:ee:ff', '00:04:01:02:03', '00:09:01'])
    for (const from of [host, cardless]) t.equal(made({}, kept, from), kept, `${kept} stays`)
})

t.test('server-id names what counts, and leaves the rest as it was', async (t) => {
  const address = hex('a6:5d:c7:41:0f:05')
  const named = { htype: 8, time: 2_518_920_166, identifier: address }
  t.equal(made({ type: 'LLT', ...named }, LLT), '00:01:00:08:96:23:ab:e6:a6:5d:c7:41:0f:05')
  t.equal(made({ type: 'LL', ...named }), '00:03:00:08:a6:5d:c7:41:0f:05')
  t.equal(
    made({ type: 'EN', enterprise: 2495, identifier: hex('87:ab:ef:7a:5b:b5:45') }),
    '00:02:00:00:09:bf:87:ab:ef:7a:5b:b5:45',
  )
  t.equal(made({ type: 'LLT' }, LLT, cardless), LLT, 'the card is gone: the same')
  t.equal(made({ type: 'EN' }, EN), EN)
  t.equal(made({ type: 'EN', enterprise: 1 }, EN), '00:02:00:00:00:01:01:02:03:04:05:06')
  t.equal(made({ type: 'LL' }, LLT), '00:03:00:01:02:00:5e:10:00:01', 'another type: made anew')
  t.equal(made({ type: 'LL' }, EN, cardless), EN, 'as far as that can be')
  t.equal(made({ type: 'EN' }, LLT), EN)
  t.equal(made({ type: 'LLT', time: 7 }, LLT), '00:01:00:01:00:00:00:07:02:00:5e:10:00:01')
})
