/** What a prompt asks for, by the family of its task. `other` is everything that no other name fits. */
export const promptClasses = [
  'code',
  'translation',
  'summarization',
  'classification',
  'extraction',
  'reasoning',
  'chat',
  'other',
] as const

/** The family of a prompt's task. */
export type PromptClass = (typeof promptClasses)[number]
