// Writes the outlines of the world for the maps: node tools/world.mjs OUT
//
// Natural Earth's borders (public domain, by the package world-atlas) in the Equal
// Earth projection, which keeps areas true. Shapes go by M49 code; a state too small
// to be seen, or left out at 1:110m, is a dot. Whole numbers and relative lines keep
// the file small. The projection's numbers go along, so that cities can be placed.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from 'd3-geo'
import { feature } from 'topojson-client'

const WIDTH = 2000
const TURN = 11 // degrees east, so that no continent is cut
const SMALLEST = 60 // square units below which a shape cannot be seen
const ANTARCTICA = '010'

const require = createRequire(import.meta.url)
const atlas = (detail) =>
  JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${detail}.json`)))
const countries = (world) =>
  feature(world, world.objects.countries).features.filter((one) => one.id !== ANTARCTICA)

const coarse = countries(atlas('110m'))
const fine = countries(atlas('10m'))
const projection = geoEqualEarth()
  .rotate([-TURN, 0])
  .fitWidth(WIDTH, { type: 'FeatureCollection', features: fine })
const path = geoPath(projection)
const [[, top], [, bottom]] = path.bounds({ type: 'FeatureCollection', features: fine })
const [x, y] = projection.translate()
projection.translate([x, y - Math.floor(top)])

/** An absolute path of polygons as whole numbers, each line from the last point. */
function relative(absolute) {
  const rings = absolute.split('M').filter(Boolean)
  return rings
    .map((ring) => {
      const points = ring.replace('Z', '').split('L').map((pair) => pair.split(',').map(Math.round))
      let [px, py] = points[0]
      let line = `M${px} ${py}l`
      const rest = points.slice(1).flatMap(([qx, qy]) => {
        const step = [qx - px, qy - py]
        ;[px, py] = [qx, qy]
        return step[0] || step[1] ? [step] : []
      })
      if (rest.length < 2) return ''
      line += rest.map(([dx, dy]) => `${dx}${dy < 0 ? '' : ' '}${dy}`).reduce((a, b) => a + (b[0] === '-' ? '' : ' ') + b)
      return `${line}z`
    })
    .join('')
}

/** The middle of the largest part, so that the dot lies on land. */
function middle({ geometry }) {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const polygons = parts.map((coordinates) => ({ type: 'Polygon', coordinates }))
  polygons.sort((one, other) => geoArea(other) - geoArea(one))
  return projection(geoCentroid(polygons[0])).map(Math.round)
}

const shapes = {}
const others = []
const dots = {}
for (const one of coarse) {
  const drawn = relative(path(one))
  if (one.id === undefined) others.push(drawn)
  else if (drawn) shapes[one.id] = drawn
}
const seen = new Map(coarse.map((one) => [one.id, path.area(one)]))
const sorted = fine.filter((one) => one.id !== undefined)
sorted.sort((one, other) => Number(one.id) - Number(other.id))
for (const one of sorted) {
  if ((seen.get(one.id) ?? 0) < SMALLEST) dots[one.id] ??= middle(one)
}
const byCode = Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => a.localeCompare(b)))
const world = {
  source: 'Natural Earth, 1:110m cultural vectors, by world-atlas 2.0.2; public domain',
  projection: {
    name: 'Equal Earth',
    turn: TURN,
    scale: Number(projection.scale().toFixed(4)),
    x: Number(projection.translate()[0].toFixed(4)),
    y: Number(projection.translate()[1].toFixed(4)),
  },
  width: WIDTH,
  height: Math.ceil(bottom) - Math.floor(top),
  shapes: byCode,
  others,
  dots,
}
writeFileSync(process.argv[2], `${JSON.stringify(world, null, 0).replaceAll('","', '",\n"')}\n`)
console.log(projection([76.9115, 43.25249]), projection([-79.5, 9]), projection([179, -17]))
