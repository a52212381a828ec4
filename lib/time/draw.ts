// Chance as an argument: who needs it is given a Draw, so that a seed replays what happened.

/** Uniform in 0 … bound-1; bound is 1 … 2^32. */
export type Draw = (bound: number) => number
