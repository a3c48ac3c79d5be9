/** What the lab's operator charges, in dollars per million tokens: a mid-sized model of 2026. */
export const labPrice = { input: 2.5, output: 10 } as const
