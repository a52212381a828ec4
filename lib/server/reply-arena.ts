// Memory that replies are written into. The engine writes each reply at the cursor; a reply that
// waits for the disk keeps its place until its batch is durable, so nothing is copied.

const CHUNK_SIZE = 1 << 16

export class ReplyArena {
  chunk = new Uint8Array(CHUNK_SIZE)
  /** Where the next reply goes. */
  cursor = 0

  /**
   * Makes room for one more reply of so many bytes, no more than a chunk has. A full chunk stays
   * alive as long as replies point into it.
   */
  reserve(size: number): void {
    if (this.cursor + size <= this.chunk.length) return
    this.chunk = new Uint8Array(CHUNK_SIZE)
    this.cursor = 0
  }

  /** Nothing written so far is needed any more. */
  reset(): void {
    this.cursor = 0
  }
}
