// What a command looks for in long lists, a little a turn: clients are answered meanwhile. What is
// short is found at once.

import type { Steps } from '../../../config/plan/steps.ts'
import type { Lost } from '../../../server/slices.ts'
import type { Answer, ControlRoom } from '../../command.ts'
import { goingOn, INTERNAL } from '../../refused.ts'

/** Steps of a slice: a millisecond or two. */
const STEPS = 4

export function inSteps<Result>(
  steps: Steps<Result>,
  room: ControlRoom,
  answer: (answer: Answer) => void,
  then: (result: Result) => void,
): void {
  const tell = goingOn(room, answer, then)
  const slice = (): boolean => {
    for (let taken = 0; taken < STEPS; taken++) {
      const step = steps.next()
      if (step.done !== true) continue
      tell(step.value)
      return true
    }
    return false
  }
  const lost = (why: Lost) => answer({ result: 1, text: LOST[why] })
  if (!slice() && !room.server.inSlices(slice, lost))
    answer({ result: 1, text: 'too many lists are being made already: ask again' })
}

const LOST: Readonly<Record<Lost, string>> = { stopped: 'the server stops', failed: INTERNAL }
