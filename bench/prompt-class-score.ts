import { type PromptClass, promptClasses } from '../src/core/prompt-class.ts'

/** What was said of a labelled text, and by whom it came. */
export interface Verdict {
  readonly group: string
  readonly label: PromptClass
  readonly said: PromptClass
}

export interface ClassScore {
  readonly name: PromptClass
  readonly items: number
  /** Null where the class never occurred, or was never said. */
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
}

export interface Score {
  readonly items: number
  readonly accuracy: number
  /** 95 % interval of the accuracy, after Wilson. */
  readonly low: number
  readonly high: number
  /** Over the classes that occur. */
  readonly macroF1: number
  /** Always saying the commonest class. */
  readonly majority: { readonly name: PromptClass; readonly accuracy: number }
  readonly classes: readonly ClassScore[]
  /** Rows are labels, columns what was said, in the order of `promptClasses`. */
  readonly confusion: readonly (readonly number[])[]
  readonly groups: readonly { readonly name: string; readonly items: number; readonly accuracy: number }[]
}

export function scoreOf(verdicts: readonly Verdict[]): Score {
  const confusion = promptClasses.map((label) =>
    promptClasses.map((said) => verdicts.filter((one) => one.label === label && one.said === said).length),
  )
  const classes = promptClasses.map((name, i): ClassScore => {
    const right = confusion[i]![i]!
    const items = sum(confusion[i]!)
    const said = sum(confusion.map((row) => row[i]!))
    return {
      name,
      items,
      precision: said === 0 ? null : right / said,
      recall: items === 0 ? null : right / items,
      f1: items === 0 ? null : (2 * right) / (items + said),
    }
  })
  const items = verdicts.length
  const accuracy = accuracyOf(verdicts)
  const f1s = classes.flatMap(({ f1 }) => (f1 === null ? [] : [f1]))
  const commonest = classes.toSorted((a, b) => b.items - a.items)[0]!
  const groups = Object.entries(Object.groupBy(verdicts, ({ group }) => group))
  return {
    items,
    accuracy,
    ...wilson(accuracy, items),
    macroF1: sum(f1s) / f1s.length,
    majority: { name: commonest.name, accuracy: commonest.items / items },
    classes,
    confusion,
    groups: groups.map(([name, some]) => ({ name, items: some!.length, accuracy: accuracyOf(some!) })),
  }
}

const accuracyOf = (verdicts: readonly Verdict[]): number =>
  verdicts.filter(({ label, said }) => label === said).length / verdicts.length

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function wilson(share: number, items: number): { readonly low: number; readonly high: number } {
  const z = 1.96
  const middle = (share + (z * z) / (2 * items)) / (1 + (z * z) / items)
  const half = (z / (1 + (z * z) / items)) * Math.sqrt((share * (1 - share)) / items + (z * z) / (4 * items * items))
  return { low: middle - half, high: middle + half }
}
