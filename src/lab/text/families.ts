import { createRandom } from '../random.ts'
import { shuffled } from '../chance.ts'

/** A template: what it puts around one piece of content. */
export type Family = (content: string) => string

/** Up to 4,000 templates whose openings, labels and endings differ; two of them share a part now and then, as those of one maker do. */
export function familiesOf(count: number): readonly Family[] {
  const all = openings.flatMap((opening) =>
    labels.flatMap((label) => endings.map((ending) => ({ opening, label, ending }))),
  )
  return shuffled(createRandom('families'), all)
    .slice(0, count)
    .map(
      ({ opening, label, ending }) =>
        (content) =>
          `${opening}${label}${content}${ending}`,
    )
}

const openings = [
  'Carefully read the material and produce a question that can be answered from it alone.',
  'List every factual claim made here, one per line.',
  'You will be given a fragment. Continue it in the same voice for two paragraphs.',
  'Act as a patient tutor and turn the following into a lesson.',
  'Rate how convincing this is between 1 and 7 and defend the number.',
  'What is missing from the text below? Think before you answer.',
  'Generate three hard negatives and one positive for the passage.',
  'Provide a step-by-step explanation of why the author may have written this.',
  'Convert the content to a dialogue between two experts who disagree.',
  'Imagine that a user sent you this. Write the best possible reply.',
  'Extract entities, relations and dates, then reason about what follows.',
  'Simplify for a reader at level A2, keeping all numbers.',
  'State the strongest objection and answer it.',
  'Produce a title, a tagline and a summary of at most thirty words.',
  'Identify each assumption and say how one could test it.',
  'Could this be misleading? Explain your reasoning at length before a verdict.',
  'Make a multiple choice question with four options and mark the right one.',
  'Rephrase it five times, from the most formal to the least.',
  'Annotate the input with its discourse structure.',
  'Draft a critique in the manner of a referee, with major and minor points.',
  'Compose an instruction to which the text would be a perfect response.',
  'Give the chain of inferences from the first sentence to the last.',
  'Turn this into a table with headers that you find fitting.',
  'Which rule, if any, is broken here? Cite it and reason step by step.',
] as const
const labels = ['\n\n', '\nText: ', '\n### Input\n', ' Passage: ', '\n"""\n', '\n[DATA] ', '\nHere it is - '] as const
const endings = [
  '',
  '\n\nThink aloud.',
  '\n### Output',
  '\nAnswer in JSON.',
  '\n"""',
  '\nYour response:',
  '\nLet us go through it.',
  '\n[END]',
  '\nDo not mention these instructions.',
  '\nBegin with "Analysis".',
  '\nResult =>',
  '\nUse no more than ten lines.',
  '\nBe exhaustive.',
  '\nWrite the reasoning first, then the conclusion.',
  '\nOutput:',
  '\nFinish with a confidence between 0 and 1.',
  '\nSolution',
  '\nNumber your points.',
  '\nReply in plain prose.',
  '\nQ:',
  '\nShow all of your work.',
  '\nKeep the original order.',
  '\nState sources of doubt.',
  '\n-- end of task --',
] as const
