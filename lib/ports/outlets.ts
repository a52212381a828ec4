// What leaves the server beside answers. Nothing waits for it, and nothing of it comes back.

export interface Outlets {
  /**
   * Starts a program when its turn comes, with one argument and these environment variables only.
   */
  run(program: string, argument: string, environment: Readonly<Record<string, string>>): void
  /** The server stops: what has not been started is not started any more. */
  close(): void
}
