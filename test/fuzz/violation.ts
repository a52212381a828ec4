// A promise that a hostile packet broke.

export class Violation extends Error {
  override readonly name = 'Violation'
}
