/** What a client has reserved stands in a database that is asked for each, and nobody asks here. */
export class DatabaseUnasked extends Error {
  override readonly name = 'DatabaseUnasked'
}
