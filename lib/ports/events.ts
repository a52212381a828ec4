// Events on their way out, whoever sends them.

/** An event as it leaves. */
export interface TakenEvent {
  readonly id: string
  readonly name: string
  /** JSON. */
  readonly text: string
}

/** Events for one who takes them one by one. */
export interface EventQueue {
  /** Undefined: there is none at present. */
  next(): TakenEvent | undefined
  /** Called when there may be one. */
  onNews: () => void
  close(): void
}
