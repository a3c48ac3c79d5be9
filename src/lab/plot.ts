import type { Arm } from './arms.ts'

export interface Curve {
  readonly arm: Arm
  readonly points: readonly { readonly dollars: number; readonly lessons: number; readonly agreement: number }[]
}

const colours: Readonly<Record<Arm, string>> = { unprotected: '#b3261e', limits: '#9a6700', protected: '#1a6b3c' }
const marks: Readonly<Record<Arm, string>> = { unprotected: 'u', limits: 'l', protected: 'P' }

const WIDTH = 720
const HEIGHT = 420
const LEFT = 64
const RIGHT = 24
const TOP = 48
const BOTTOM = 56

/** Agreement against dollars, on a logarithmic axis of dollars. */
export function plotSvg(curves: readonly Curve[], chance: number): string {
  const { x, y, ticks } = axes(curves)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    '<title>How well a copy agrees with the model, by what the harvest cost</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 24, 'A copy trained on the harvest: agreement on texts it has never seen', 'start', '#1f1f1f', 15),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
      line(LEFT, y(part), WIDTH - RIGHT, y(part), '#e3e3e3'),
      text(LEFT - 8, y(part) + 4, `${part * 100} %`, 'end', '#444444'),
    ]),
    ...ticks.flatMap((dollars) => [
      line(x(dollars), y(0), x(dollars), y(0) + 5, '#888888'),
      text(x(dollars), y(0) + 20, dollarsOf(dollars), 'middle', '#444444'),
    ]),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, 'what the attack has cost', 'middle', '#444444'),
    line(LEFT, y(chance), WIDTH - RIGHT, y(chance), '#888888', '4 4'),
    text(WIDTH - RIGHT, y(chance) + 16, 'chance', 'end', '#666666'),
    ...curves.flatMap(({ arm, points }, i) => [
      `<polyline fill="none" stroke="${colours[arm]}" stroke-width="2.5" points="${points
        .map(({ dollars, agreement }) => `${x(dollars).toFixed(1)},${y(agreement).toFixed(1)}`)
        .join(' ')}"/>`,
      ...points.map(
        ({ dollars, agreement }) =>
          `<circle cx="${x(dollars).toFixed(1)}" cy="${y(agreement).toFixed(1)}" r="3" fill="${colours[arm]}"/>`,
      ),
      line(LEFT + 12, TOP + 12 + i * 20, LEFT + 36, TOP + 12 + i * 20, colours[arm], '', 2.5),
      text(LEFT + 44, TOP + 16 + i * 20, arm, 'start', '#1f1f1f'),
    ]),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

interface Axes {
  readonly x: (dollars: number) => number
  readonly y: (part: number) => number
  readonly ticks: readonly number[]
}

function axes(curves: readonly Curve[]): Axes {
  const all = curves.flatMap(({ points }) => points.map(({ dollars }) => dollars))
  const [low, high] = [Math.log(Math.min(...all)), Math.log(Math.max(...all))]
  const span = Math.max(high - low, 1e-9)
  const ticks = [1, 2, 3, 4, 5, 6].flatMap((power) => [10 ** power, 3 * 10 ** power])
  return {
    x: (dollars) => LEFT + ((Math.log(dollars) - low) / span) * (WIDTH - LEFT - RIGHT),
    y: (part) => HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM),
    ticks: ticks.filter((dollars) => Math.log(dollars) >= low && Math.log(dollars) <= high),
  }
}

const dollarsOf = (dollars: number): string => `$${dollars.toLocaleString('en-US')}`

const text = (x: number, y: number, words: string, anchor: string, fill: string, size = 13): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}" font-size="${size}">${words}</text>`

const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, dashes = '', width = 1): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${stroke}" stroke-width="${width}"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}/>`

const ROWS = 14

/** The same in a terminal: a column for each of the budgets. */
export function plotText(curves: readonly Curve[], chance: number): string {
  const columns = curves[0]!.points.length
  const grid = Array.from({ length: ROWS + 1 }, () => Array.from({ length: columns }, () => ' '))
  const rowOf = (part: number): number => ROWS - Math.round(part * ROWS)
  for (let at = 0; at < columns; at++) grid[rowOf(chance)]![at] = '.'
  for (const { arm, points } of curves)
    for (const [at, { agreement }] of points.entries()) grid[rowOf(agreement)]![at] = marks[arm]
  const rows = grid.map(
    (cells, i) =>
      `${i % 2 === 0 ? `${Math.round(100 - (i * 100) / ROWS)} %`.padStart(6) : ' '.repeat(6)} |${cells.map((cell) => `  ${cell}  `).join('')}`,
  )
  const legend = curves.map(({ arm }) => `${marks[arm]} ${arm}`).join(', ')
  return [
    ...rows,
    `${' '.repeat(7)}+${'-'.repeat(columns * 5)} dollars, logarithmic`,
    `${' '.repeat(8)}${legend}, . chance`,
  ].join('\n')
}
