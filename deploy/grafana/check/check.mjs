// Writes each dashboard as a constant of the type that Grafana publishes for dashboards, so that the compiler says what
// in it Grafana doesn't know, or misses. Enumerations are written by their values, as JSON has them.
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'

const dashboards = new URL('../dashboards/', import.meta.url)
const out = new URL('node_modules/.dashboards/', import.meta.url)
rmSync(out, {recursive: true, force: true})
mkdirSync(out, {recursive: true})
const names = readdirSync(dashboards)
for (const name of names) {
  const dashboard = readFileSync(new URL(name, dashboards), 'utf8').trim()
  writeFileSync(new URL(name.replace(/\.json$/, '.ts'), out), `import type {Dashboard} from '../@grafana/schema/dist/types/raw/dashboard/x/types.gen.d.ts'
type Written<T> = T extends string ? \`\${T}\`
  : T extends number ? (number extends T ? number : T | (\`\${T}\` extends \`\${infer N extends number}\` ? N : never))
  : T extends unknown[] ? Written<T[number]>[]
  : T extends object ? {[K in keyof T]: Written<T[K]>} : T
export const dashboard: Written<Dashboard> = ${dashboard}
`)
}
if (names.length === 0) throw new Error('there are no dashboards')
console.log(`${names.length} dashboards: ${names.join(' ')}`)
