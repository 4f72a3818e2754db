// Reads a gateway's doors of change with programs that other people wrote, and prints what each has understood, as JSON.
// Arguments: the gateway's public root, and a file with events, a JSON object a line.
import {readFileSync} from 'node:fs'
import {HTTP} from 'cloudevents'
import {EventSource} from 'eventsource'
import jsonld from 'jsonld'
import Parser from 'rss-parser'
import Sitemapper from 'sitemapper'

const [root, events] = process.argv.slice(2)

const feed = await new Parser().parseURL(`${root}feed.atom`)
const map = await new Sitemapper({timeout: 15000}).fetch(`${root}sitemap.xml`)
if (map.errors?.length) throw new Error(JSON.stringify(map.errors))

const changes = []
await new Promise((resolve, reject) => {
  const source = new EventSource(`${root}changes?after=0`)
  source.addEventListener('record', e => changes.push({at: e.lastEventId, ...JSON.parse(e.data)}))
  source.addEventListener('head', () => { source.close(); resolve() })
  source.onerror = reject
})

// The context of ActivityStreams is in no package: this is as much of it as the terms here need.
const context = {'@vocab': 'https://www.w3.org/ns/activitystreams#', id: '@id', type: '@type'}
const documentLoader = async url => ({contextUrl: null, documentUrl: url, document: {'@context': context}})
const as = 'https://www.w3.org/ns/activitystreams#'
const activities = []
const collection = await (await fetch(`${root}activity`)).json()
for (let next = collection.first?.id; next;) {
  const page = await (await fetch(next)).json()
  for (const item of page.orderedItems) {
    const [one] = await jsonld.expand({'@context': page['@context'], ...item}, {documentLoader})
    activities.push({type: one['@type'][0].replace(as, ''), object: one[`${as}object`][0]['@id']})
  }
  next = page.next?.id
}

const told = readFileSync(events, 'utf8').trim().split('\n').map(body => {
  const event = HTTP.toEvent({headers: {'content-type': 'application/cloudevents+json'}, body})
  event.validate()
  return {id: event.id, type: event.type, subject: event.subject}
})

console.log(JSON.stringify({
  feed: feed.items.map(i => ({id: i.id, title: i.title, link: i.link})),
  sitemap: map.sites,
  changes: changes.map(c => ({identifier: c.identifier, operation: c.operation})),
  activities,
  events: told,
}))
