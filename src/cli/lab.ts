import { writeFileSync } from 'node:fs'
import { readCosts } from '../lab/costs.ts'
import { play, type Played } from '../lab/play.ts'
import { reportText, summary } from '../lab/report.ts'
import { scenarios, type Scenario, type Size } from '../lab/scenarios.ts'
import { runStudents } from '../lab/student-run.ts'
import { exit, type CommandInput } from './command.ts'

/** What is played where nobody names a scenario: a minute's worth. */
const QUICK = ['key-rotation', 'hydra', 'launch-day']
const STUDENT = 'student'

export async function run({ args, options, print, complain }: CommandInput): Promise<number> {
  if (options['list'] === true) {
    print(listing(options['json'] === true))
    return exit.done
  }
  const unknown = args.filter((name) => name !== 'all' && name !== STUDENT && find(name) === undefined)
  if (unknown.length > 0) {
    complain(`${unknown.join(', ')}: no such scenario; \`weir lab --list\` names them`)
    return exit.usage
  }
  const size: Size = args.length === 0 || options['quick'] === true ? 'quick' : 'full'
  const seed = String(options['seed'] ?? 'weir')
  const names = args.length === 0 ? QUICK : args.includes('all') ? scenarios.map(({ name }) => name) : args
  const wantsStudent = args.includes('all') || args.includes(STUDENT)
  const json = options['json'] === true
  const found: Played[] = []
  for (const name of names.filter((one) => one !== STUDENT)) {
    const played = await play(find(name)!, { size, seed, costs: readCosts(), progress: progressOn(name) })
    if (!played.ok) {
      complain(played.error)
      return exit.usage
    }
    found.push(played.value)
    if (!json) print(reportText(played.value))
  }
  if (!json && found.length > 1) print(`${summary(found)}\n`)
  const students = wantsStudent
    ? await runStudents({ size, seed, costs: readCosts(), progress: progressOn(STUDENT) })
    : null
  if (students !== null && !students.ok) {
    complain(students.error)
    return exit.usage
  }
  if (students !== null) {
    const out = String(options['svg'] ?? 'weir-student.svg')
    if (!json || options['svg'] !== undefined) writeFileSync(out, students.value.svg)
    if (!json) print(`${students.value.text}\n\nthe plot: ${out}`)
  }
  if (json) print(JSON.stringify({ seed, size, scenarios: found, student: students?.value.curves ?? null }, null, 2))
  return exit.done
}

const find = (name: string): Scenario | undefined => scenarios.find((one) => one.name === name)

function listing(json: boolean): string {
  const all = scenarios.map(({ name, describe, attack }) => ({ name, describe, honest: attack === null }))
  const student = {
    name: STUDENT,
    describe: 'a copy trained on the harvest: how well it agrees for how much',
    honest: false,
  }
  if (json) return JSON.stringify([...all, student], null, 2)
  return [...all, student].map(({ name, describe }) => `${name.padEnd(18)}${describe}`).join('\n')
}

/** On a terminal only; a pipe gets what was found and nothing else. */
function progressOn(name: string): (arm: string, partDone: number) => void {
  if (!process.stderr.isTTY) return () => {}
  let shown = ''
  return (arm, partDone) => {
    const text = `${name}, ${arm}: ${Math.round(partDone * 100)} %`
    if (text === shown) return
    shown = text
    process.stderr.write(`\r\u001B[K${partDone < 1 ? text : ''}`)
  }
}
