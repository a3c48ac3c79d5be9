import type { Data } from './data.ts'

/** Answers of a model, for conversations whose own are not on record; on no side, since nobody wrote them. */
export const modelAnswers = (data: Data): readonly string[] =>
  data
    .conversations()
    .flatMap(({ turns }) => turns)
    .filter(({ role, text }) => role === 'assistant' && text.length < 1200)
    .map(({ text }) => text)
