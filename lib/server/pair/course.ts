// How far the return of everything is, between two servers on one connection: one has every right
// and all rows, the other none. What is no step of the table is a fault of ours, or a lie of the
// other end.
//
//   one that has them                               one that has none
//   even     each has what its rows say             even
//   owing    the other is heard out first           taking   the other's rows replace those here
//   storing  what follows for good is being stored
//   sending  all rows are on their way ------------>
//                                                   taken    all of them have come
//   even     `back` --------------------------------> even

export type Course = 'even' | 'owing' | 'storing' | 'sending' | 'taking' | 'taken'

/**
 * What may follow. The other end may begin with its rows anew (taken, taking): after maintenance it
 * does.
 */
export const COURSES: Readonly<Record<Course, readonly Course[]>> = {
  even: ['owing', 'taking'],
  owing: ['storing'],
  storing: ['sending'],
  sending: ['even'],
  taking: ['taken'],
  taken: ['taking', 'even'],
}

/** Whether the rows of the other end replace those here. */
export function isTaking(course: Course): boolean {
  return course === 'taking' || course === 'taken'
}
