// What a way to a DNS server tells who asked by it.

export interface Hearing {
  /** Something came, from the server's address. */
  onMessage(bytes: Uint8Array): void
  /** Nothing will come. */
  onTrouble(error: NodeJS.ErrnoException): void
}

/** A message that was sent: until it is closed, it is heard for. */
export interface Sent {
  close(): void
}
