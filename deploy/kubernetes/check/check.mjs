// Reads manifests (YAML, from standard input), holds each to its schema, and writes them into a file for the compiler,
// which holds them to the types too: in a cluster a misspelt key does nothing, and says nothing. One of each kind must be there.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {parseAllDocuments} from 'yaml'

const folders = {
  'policy/v1': 'kubernetes-models/policy/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  v1: 'kubernetes-models/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
}

const seen = {}, typed = []
let faults = 0
for (const doc of parseAllDocuments(readFileSync(0, 'utf8'))) {
  if (doc.errors.length) throw doc.errors[0]
  const manifest = doc.toJS()
  if (manifest === null) continue
  const {apiVersion, kind} = manifest, name = `${kind} ${manifest.metadata?.name}`
  if (!(apiVersion in folders)) throw new Error(`${name}: no schemas for ${apiVersion}`)
  const from = `${folders[apiVersion]}/${kind}`, model = (await import(from))[kind]
  try {
    new model(manifest).validate()
  } catch (err) {
    console.error(`${name}: ${err.message}`)
    faults++
  }
  const as = `T${typed.length}`
  typed.push(`import {I${kind} as ${as}} from '${from}'\nexport const m${as}: ${as} = ${JSON.stringify(manifest)}\n`)
  seen[kind] = (seen[kind] ?? 0) + 1
}
for (const kind of ['ConfigMap', 'StatefulSet', 'Service', 'PodDisruptionBudget', 'NetworkPolicy', 'ServiceMonitor']) {
  if (!seen[kind]) {
    console.error(`there is no ${kind}`)
    faults++
  }
}
const out = new URL('node_modules/.manifests/', import.meta.url)
mkdirSync(out, {recursive: true})
writeFileSync(new URL('manifests.ts', out), typed.join(''))
console.log(Object.entries(seen).map(([k, n]) => `${n} ${k}`).join(', '))
process.exitCode = faults ? 1 : 0
