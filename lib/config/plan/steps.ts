// Work that may be done a little at a time: between two steps whoever does it may look after
// something else. A step costs a few milliseconds, whatever the document is like.

export type Steps<Result> = Generator<undefined, Result>

/** All of it now. */
export function allAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Elements of a list that are one step. */
export const STEP_ELEMENTS = 100
