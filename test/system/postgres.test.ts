// The PostgreSQL of the tests does what the tests believe it does.

import t from 'tap'
import { Postgres, postgresSkip } from './postgres.ts'

t.test(
  'what was committed survives kill -9; a standby becomes the primary',
  {
    skip: postgresSkip(),
  },
  async (t) => {
    const primary = await Postgres.start(t)
    await primary.query('create table seen (n int); insert into seen values (1)')
    const standby = await primary.standby(t)
    t.equal(await standby.query('select pg_is_in_recovery()'), 't')
    await primary.kill()
    await t.rejects(primary.query('select 1'))
    await primary.start()
    t.equal(await primary.query('select n from seen'), '1')
    await primary.stop()
    await standby.promote()
    await standby.query('insert into seen values (2)')
    t.equal(await standby.query('select count(*) from seen'), '2')
  },
)
