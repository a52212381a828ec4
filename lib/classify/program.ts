// How a client gets into classes: what is assigned before anything is known of its subnet, what
// when its reservation is known, and what when its address is.

export interface ClassProgram {
  /** How many numbers of classes there are. */
  readonly size: number
}
