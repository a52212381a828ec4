// What is told of a database of reservations.

export interface HostDatabaseStatus {
  readonly family: 4 | 6
  /** Kind, name and host, for people. */
  readonly database: string
  /** '' while it is there. */
  readonly trouble: string
  /** No client is answered before it was read. */
  readonly isAwaited: boolean
  readonly isRead: boolean
  /** Reservations that are known; where each client is looked up, what they reserve. */
  readonly reservations: number
  readonly isAsked: boolean
  readonly isReadOnly: boolean
}
