// A slice of the fuzzing of expressions; `npm run fuzz` has more of it.

import t from 'tap'
import { fuzzSweeps, fuzzTexts, fuzzValues } from './expression-fuzz.ts'

t.test('random expressions have the value that a plain reading gives them', async (t) => {
  t.doesNotThrow(() => fuzzValues(1500))
})

t.test('random lists of tests match in one sweep what they match one by one', async (t) => {
  t.doesNotThrow(() => fuzzSweeps(300))
})

t.test('random text is an expression or a located problem', async (t) => {
  t.doesNotThrow(() => fuzzTexts(3000))
})
