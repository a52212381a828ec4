// What commands that edit the configuration have in common: who has asked, the edits made of the
// document as it is when it is their turn, and what is answered when they are in force and stored.

import { type Edit, editedBy, isProblem } from '../../../config/edits.ts'
import type { ConfigDocument } from '../../../config/keys/document.ts'
import type { Steps } from '../../../config/plan/steps.ts'
import type {
  Author,
  ConfigResult,
  EditMaker,
} from '../../../server/configuration/running-configuration.ts'
import type { Answer, Asked, ControlRoom } from '../../command.ts'
import { faultText } from '../../kea-words.ts'
import { answerOf, goingOn } from '../../refused.ts'

export interface Wanted {
  readonly edits: readonly Edit[]
  /** What is answered when it is done. */
  readonly answer: Answer
}

/**
 * `want` is called with the document when it is the command's turn; what it throws (CommandRefused
 * where the words matter) is answered, and nothing is changed. `before`: what it is to find at hand
 * in long lists.
 */
export function editBy(
  asked: Asked,
  room: ControlRoom,
  answer: (answer: Answer) => void,
  want: (document: ConfigDocument) => Wanted,
  before: (document: ConfigDocument) => Steps<void> = nothing,
): void {
  let wanted: Wanted | Error | undefined
  let edited: ConfigDocument | undefined
  const make: EditMaker = function* (document) {
    try {
      yield* before(document)
      wanted = want(document)
      edited = document
      return wanted.edits
    } catch (error) {
      wanted = error as Error
      return []
    }
  }
  const tell = (result: ConfigResult): void => {
    if (wanted instanceof Error) return answer(answerOf(wanted, room))
    if (result.allowed && wanted !== undefined) return answer(wanted.answer)
    const hasFault = result.problems.some(({ severity }) => severity === 'error')
    if (!hasFault) return answer({ result: 1, text: result.why })
    const given = edited && wanted && triedWith(edited, wanted.edits)
    answer({ result: 1, text: faultText(result.problems, given) })
  }
  room.configuration.edit(make, 'pair', authorOf(asked), goingOn(room, answer, tell))
}

export function authorOf({ asker, command }: Asked): Author {
  return { user: asker.user, from: asker.from, command }
}

function* nothing(): Steps<void> {}

/** What the document would be: problems name their places in it. */
function triedWith(document: ConfigDocument, edits: readonly Edit[]): ConfigDocument {
  const tried = editedBy(document, edits)
  return isProblem(tried) ? document : tried
}
