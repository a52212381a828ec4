// Jobs in the order of their numbers.

export interface Numbered {
  readonly number: number
}

export class JobHeap<J extends Numbered> {
  readonly #jobs: J[] = []

  get size(): number {
    return this.#jobs.length
  }

  get first(): J | undefined {
    return this.#jobs[0]
  }

  push(job: J): void {
    const jobs = this.#jobs
    let at = jobs.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (jobs[parent]!.number < job.number) break
      jobs[at] = jobs[parent]!
      at = parent
    }
    jobs[at] = job
  }

  pop(): J | undefined {
    const jobs = this.#jobs
    const first = jobs[0]
    const last = jobs.pop()
    if (last === undefined || jobs.length === 0) return first
    let at = 0
    for (let child = 1; child < jobs.length; child = 2 * at + 1) {
      if (child + 1 < jobs.length && jobs[child + 1]!.number < jobs[child]!.number) child++
      if (jobs[child]!.number > last.number) break
      jobs[at] = jobs[child]!
      at = child
    }
    jobs[at] = last
    return first
  }
}
