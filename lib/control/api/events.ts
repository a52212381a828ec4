// Events as they happen, as a stream that goes on where it was cut off.

import { EVENT_NAMES } from '../../catalogue/event-names.ts'
import type { EventRing } from '../events/event-ring.ts'
import { namesAsked, USUAL_NAMES, valueOfEvent } from '../events/event-words.ts'
import { ApiRefused, type Route, refusal } from './route.ts'

export function eventRoutes(ring: EventRing): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/events',
      as: 'lease4-get-all',
      summary: 'Events as they happen, in order; lost ones are told of by an event named gap',
      media: 'text/event-stream',
      query: {
        events: {
          type: 'string',
          description: `Names with commas between, of ${EVENT_NAMES.join(', ')}; all but lease.renewed where it is left out`,
        },
        since: {
          type: 'string',
          description: 'The id of the last event that was seen; Last-Event-ID counts before it',
        },
      },
      run({ query, lastEventId, room }, say) {
        const asked = query.get('events')
        const names = asked === undefined ? USUAL_NAMES : namesAsked(asked.split(','))
        if (typeof names === 'string') throw new ApiRefused(400, `there is no event '${names}'`)
        const since = lastEventId ?? query.get('since')
        const value = (event: Parameters<typeof valueOfEvent>[0]) =>
          valueOfEvent(event, room.server)
        const events = ring.follow({ names, since, value })
        say(events === undefined ? refusal(429, FULL) : { status: 200, events })
      },
    },
  ]
}

const FULL = 'too many follow the events already'
