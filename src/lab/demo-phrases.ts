/**
 * The words that the demo model's answers are made of. `{topic}` stands for something from the prompt; the other slots
 * are filled from `words`.
 */
export const openings: readonly string[] = [
  'Here is a short look at {topic}.',
  'Good question: {topic} is {quality} than it seems at first.',
  'There are a few things worth knowing about {topic}.',
  'Let us take {topic} one step at a time.',
  'In brief, {topic} comes down to {thing} and {thing}.',
]

export const sentences: readonly string[] = [
  'Start with {thing}, because the rest of {topic} depends on it.',
  'Most people {deed} first and only then think about {thing}.',
  'It helps to {deed} before you decide anything about {topic}.',
  'A {quality} plan for {thing} is worth more than a perfect one that comes too late.',
  'When {thing} changes, {topic} usually changes with it, though not always at the same pace.',
  'If you are unsure, {deed} and see what happens to {thing}.',
  'One common mistake is to confuse {thing} with {thing}.',
  'That is why it is {quality} to keep {thing} and {thing} apart.',
  'You can {deed} in an afternoon, and it will tell you a lot about {topic}.',
  'In practice, {thing} matters {quality} than any rule about {topic}.',
  'As an example, imagine that you {deed} every week for a year.',
  'There is no single answer here, but {thing} is a {quality} place to look.',
  'Write down what you know about {thing}, then {deed} with that in mind.',
  'Others would {deed} instead, and for {thing} that can be the {quality} choice.',
  'Of all the parts of {topic}, {thing} is the one that takes the most patience.',
  'Once {thing} is in place, the next step is to {deed}.',
  'Keep an eye on {thing}: it is often where {topic} goes wrong.',
  'The details differ from case to case, yet {thing} hardly ever loses its importance.',
]

export const words: Readonly<Record<string, readonly string[]>> = {
  thing: [
    'the overall goal',
    'the first draft',
    'the time you have',
    'the order of the steps',
    'the smallest useful part',
    'the people involved',
    'the cost of a mistake',
    'a clear example',
    'the context',
    'the main constraint',
    'a good habit',
    'the last mile',
    'plain language',
    'a second opinion',
  ],
  deed: [
    'compare two options side by side',
    'ask someone who has done it before',
    'try the simple version',
    'make a short list',
    'measure where you stand',
    'sketch the result on paper',
    'leave out what is not needed',
    'test one thing at a time',
    'set a date for the next review',
    'explain it to a friend',
  ],
  quality: ['more useful', 'simpler', 'more subtle', 'better', 'safer', 'more practical', 'more honest', 'easier'],
}

export const verdicts: readonly string[] = [
  'Category: {category} (confidence {confidence}).',
  'I would label this as {category}, with a confidence of {confidence}.',
  'This belongs to the category {category}; my confidence is {confidence}.',
  'The label is {category} ({confidence}).',
]

export const reasons: readonly string[] = [
  'The strongest evidence is {evidence}.',
  'What decides it is {evidence}.',
  'The reading rests on {evidence}.',
]

export const examples: readonly string[] = [
  'For example, another text with {first} would lean towards {category} too.',
  'To see the effect, take away {first} and read it again: it may no longer be {category}.',
  'As an example, a note that had {first} and little else would most likely be {category}.',
]

export const selfPortrait: readonly string[] = [
  "I am Weir's built-in demo model: templates and a small private labelling function, not a language model.",
  'I do not understand what you write, and nothing I say about the world should be relied on.',
  'I am here so that a gateway can be tried, tested and measured without a key from anybody and without a network.',
  'Ask me to classify a text, and I will give it one of eight made-up categories of tone and intent.',
]
