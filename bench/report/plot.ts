/** Lines over the length of the history, both axes by powers of ten, as an SVG of its own. */
import type { Row } from "../race.js"

interface Line {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

const [width, height] = [720, 400]
const [left, right, top, bottom] = [64, 130, 24, 48]
const colors = ["#0b6bcb", "#c0392b", "#1e8449", "#7f8c8d"]

const history = ({ detail }: Row): number => Number(/\d+/.exec(detail)?.[0])

const linesOf = (rows: ReadonlyArray<Row>): ReadonlyArray<Line> => {
  const names = [...rows[0]?.subjects.map(({ name }) => name) ?? [], rows[0]?.baseline.name ?? ""]
  return names.map((name) => ({
    name,
    points: rows.flatMap((row) =>
      [row.baseline, ...row.subjects].filter((result) => result.name === name)
        .map(({ micros }) => [history(row), micros.median] as const)
    )
  }))
}

const decades = (values: ReadonlyArray<number>): readonly [number, number] => [
  Math.floor(Math.log10(Math.min(...values))),
  Math.ceil(Math.log10(Math.max(...values)))
]

const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

const label = (x: number, y: number, text: string, anchor: "start" | "middle" | "end", color = "#333"): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${color}">${text}</text>`

const stroke = (from: readonly [number, number], to: readonly [number, number]): string =>
  `<line x1="${from[0].toFixed(1)}" y1="${from[1].toFixed(1)}" x2="${to[0].toFixed(1)}" y2="${
    to[1].toFixed(1)
  }" stroke="#ddd"/>`

/** Names beside the ends of their lines, pushed apart where lines meet. */
const placed = (ends: ReadonlyArray<number>): ReadonlyArray<number> => {
  const order = ends.map((_, i) => i).toSorted((a, b) => ends[a]! - ends[b]!)
  const places = [...ends]
  order.forEach((line, i) => {
    const above = order[i - 1]
    if (above !== undefined) places[line] = Math.max(places[line]!, places[above]! + 16)
  })
  return places
}

export const plot = (rows: ReadonlyArray<Row>): string => {
  const lines = linesOf(rows)
  const points = lines.flatMap((line) => line.points)
  const [x0, x1] = decades(points.map(([x]) => x))
  const [y0, y1] = decades(points.map(([, y]) => y))
  const x = (value: number) => left + (Math.log10(value) - x0) / (x1 - x0) * (width - left - right)
  const y = (value: number) => height - bottom - (Math.log10(value) - y0) / (y1 - y0) * (height - top - bottom)
  const columns = range(x0, x1).map((power) => 10 ** power)
  const levels = range(y0, y1).map((power) => 10 ** power)
  const ends = placed(lines.map(({ points }) => y(points.at(-1)![1])))
  const drawn = lines.flatMap(({ name, points }, i) => [
    `<polyline fill="none" stroke="${colors[i]}" stroke-width="2" points="${
      points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ")
    }"/>`,
    ...points.map(([a, b]) => `<circle cx="${x(a).toFixed(1)}" cy="${y(b).toFixed(1)}" r="3" fill="${colors[i]}"/>`),
    label(width - right + 8, ends[i]! + 4, name, "start", colors[i])
  ])
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...columns.map((value) => stroke([x(value), top], [x(value), height - bottom])),
    ...levels.map((value) => stroke([left, y(value)], [width - right, y(value)])),
    ...columns.map((value) => label(x(value), height - bottom + 18, value.toLocaleString("en"), "middle")),
    ...levels.map((value) => label(left - 8, y(value) + 4, `${value.toLocaleString("en")} us`, "end")),
    label((left + width - right) / 2, height - 8, "checkpoints in the history of the execution", "middle"),
    ...drawn,
    "</svg>",
    ""
  ].join("\n")
}
