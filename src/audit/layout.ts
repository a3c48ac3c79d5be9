/** Names of files as C2SP tlog-tiles has them. A tile covers 256 hashes, a bundle 256 entries. */
export const TILE_WIDTH = 256

export type Level = number | 'entries'

/** The path of a tile or bundle, relative to the log; `width` below 256 is a partial one. */
export const tilePath = (level: Level, index: number, width: number = TILE_WIDTH): string =>
  `tile/${level}/${indexPath(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`

/** `1234067` is `x001/x234/067`. */
function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  }
  return path
}

/** Of a log of this size: level, index and width of every partial tile, the bundle of entries among them. */
export function partialTiles(size: number): readonly (readonly [level: Level, index: number, width: number])[] {
  const tiles: [Level, number, number][] = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    const index = Math.floor(count / TILE_WIDTH)
    if (width > 0) tiles.push([level, index, width])
    if (width > 0 && level === 0) tiles.push(['entries', index, width])
  }
  return tiles
}
