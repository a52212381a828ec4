// What servers owe to DNS that are gone: another one takes it over, in one statement that moves
// each record to its own. So each is somebody's at any time, and one server gets it. Who comes back
// does no more than it finds.

import { isLegacy, namesOfText } from '../../ddns/name-record.ts'
import { LEFT_MARK, type LeftName, leftAddress } from '../../ports/shared-journal.ts'
import type { Self } from './connection.ts'
import type { Session } from './session.ts'

/** Who has not been seen for so long, or has left, is gone. */
const GONE = "interval '30 seconds'"

/** Records that are looked through at a time, and how often in one go. */
const PAGE = 1000
const PAGES = 4

/** How far the records of a server that is gone are looked through. */
interface Look {
  /** When it was seen last: once more when it was there again. */
  readonly seen: string
  /** The last address; undefined: all of them. */
  readonly behind: string | undefined
}

interface Asked {
  readonly member: number
  readonly addresses: readonly string[]
}

export class LeftNames {
  readonly #self: Self
  readonly #looks = new Map<number, Look>()
  /** What was asked for last, and has not been answered. */
  #asked: Asked | undefined

  constructor(self: Self) {
    this.#self = self
  }

  /** The next of them, which are this server's from now on. */
  async take(session: Session): Promise<readonly LeftName[]> {
    if (this.#asked !== undefined) return await this.#askAgain(session, this.#asked)
    const text = `select server, seen::text from whio.member
      where server <> $1::smallint and seen < now() - ${GONE}`
    const gone = await session.ask({ text, values: [this.#self.number] })
    for (const row of gone) {
      const [member, seen] = [row.server as number, row.seen as string]
      const known = this.#looks.get(member)
      const look = known?.seen === seen ? known : { seen, behind: '' }
      if (look.behind === undefined) continue
      return await this.#look(session, member, look.seen, look.behind)
    }
    return []
  }

  async #look(
    session: Session,
    member: number,
    seen: string,
    from: string,
  ): Promise<readonly LeftName[]> {
    const taken: LeftName[] = []
    let behind: string | undefined = from
    for (let page = 0; page < PAGES && behind !== undefined; page++) {
      const text = `select address, text from whio.name where server = $1::smallint and address > $2
        order by address limit ${PAGE}`
      const found: readonly Record<string, unknown>[] = await session.ask({
        text,
        values: [member, behind],
      })
      const owed = found.filter((one) => namesOfText(one.text as string)?.some(isLegacy))
      const addresses = owed.map(({ address }) => address as string)
      if (owed.length > 0) taken.push(...(await this.#claim(session, { member, addresses })))
      behind = found.length < PAGE ? undefined : (found.at(-1)!.address as string)
      this.#looks.set(member, { seen, behind })
    }
    return taken
  }

  /**
   * It stands beside what this server has of the address itself, of which a batch may be on its
   * way. Several of one server are behind each other.
   */
  async #claim(session: Session, asked: Asked): Promise<readonly LeftName[]> {
    const { addresses, member } = asked
    this.#asked = asked
    const text = `with me as materialized (
  select server from whio.member where server = $1::smallint and instance = $2
), gone as materialized (
  select m.server from whio.member m, me where m.server = $3::smallint
    and m.seen < now() - ${GONE} for update of m
), taken as (
  delete from whio.name n using gone where n.server = gone.server and n.address = any($4::text[])
  returning split_part(n.address, '${LEFT_MARK}', 1) as address, n.text
), left_names as (
  select address, '[' || string_agg(substr(left(text, -1), 2), ',') || ']' as text
    from taken group by address
), kept as (
  insert into whio.name as own (server, address, text)
  select me.server, l.address || '${LEFT_MARK}' || $3::text, l.text from left_names l, me
  on conflict (server, address)
    do update set text = left(own.text, -1) || ',' || substr(excluded.text, 2)
)
select address, text from left_names`
    const { instance, number } = this.#self
    const rows = await session.ask({ text, values: [number, instance, member, addresses] })
    this.#asked = undefined
    return rows.map((row) => leftName(member, row))
  }

  /** The answer was lost: what was taken over then is among what this server has by now. */
  async #askAgain(session: Session, { addresses, member }: Asked): Promise<readonly LeftName[]> {
    const text = `select split_part(address, '${LEFT_MARK}', 1) as address, text from whio.name
      where server = $1::smallint and address = any($2::text[])`
    const kept = addresses.map((address) => leftAddress(address, member))
    const rows = await session.ask({ text, values: [this.#self.number, kept] })
    this.#asked = undefined
    return rows.map((row) => leftName(member, row))
  }
}

function leftName(member: number, row: Record<string, unknown>): LeftName {
  return { member, address: row.address as string, text: row.text as string }
}
