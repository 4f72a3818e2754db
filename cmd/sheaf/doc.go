// Command sheaf is a metadata harvesting and interoperability gateway. This is the guided tour of its
// code; docs/ has the guides for users, and sheaf --help the commands.
//
// # One log, many doors
//
// The heart is a log of records (package internal/store/sqlite, which writes what the planner of
// internal/store works out). Each record has one row, its latest state;
// each change moves it to the end and gives it the next seq. So reading the log in order of seq, from
// any place to the head, gives the latest state of everything that changed since that place, once.
//
// Every way out is that one read with that one cursor (epoch, seq): an OAI-PMH list and its resumption
// token, the event relay, sheaf export, the result list of the pages. The epoch changes when the log
// can have gone back (a restore, a stream that knows more than the log): then old cursors are refused,
// so that nobody skips in silence.
//
// # The way of a record
//
//	harvest/oai, harvest/listing     a page of items, at a cursor        harvest.Source
//	pipeline.Runner                  mint identifiers, skip what is unchanged, map, fingerprint
//	dublincore/crosswalk             rules as text make Dublin Core of an original
//	internal/rules                   decides all of that: mapping, context, corrections, sets by rules, formats, fingerprint
//	internal/store                   plans what becomes of each record: unchanged, moved, in other lists
//	internal/store/sqlite            one transaction a page: records, sets, rejects, the source's cursor
//	pipeline.Relay                   read the log, publish
//	internal/events                  CloudEvents on NATS JetStream, each exactly once in the stream
//
// and out of the log: oaipmh (the protocol, over a small Repository interface, which internal/endpoint is over
// snapshots of the log), internal/web/site (pages),
// both behind internal/limit, which holds their clients to budgets.
// internal/app puts all of it together, in order, and takes it apart in the opposite order.
//
// # The way of a command
//
//	cmd/sheaf/harvest.go             what a person typed; what is printed, and the exit status
//	app/connect.go                   finds the process that has the data folder open, or opens the folder
//	control/client.go, socket.go     HTTP over a Unix socket in that folder
//	control/server.go                the routes, and what commands need of a gateway (control.Gateway)
//	control/harvest.go               the handler; its news, a JSON value a line, comes from control/followers.go
//	pipeline.Scheduler               runs the source, as it does when the source is due
//
// What the run does is told to every observer of runs (observe/runs.go): metrics, the line in the log, those who
// follow it, the notices on NATS (events/notices.go), and the measure of quality (internal/survey).
//
// # The floors
//
// Imports point down; layout_test.go holds the code to it.
//
//	1  internal/machine, internal/xmlscan, dublincore/date, harvest, internal/config, internal/limit, internal/web    ideas, each for itself
//	2  dublincore, oaipmh, dublincore/crosswalk/marc                a record; the protocol; MARC records
//	   pipeline                                                     the flow; declares Log and Publisher
//	3  dublincore/crosswalk, dublincore/formats, dublincore/quality, oaipmh/oaitest, harvest/oai, harvest/listing
//	   internal/store                                               the planner: what a commit, a remap and a new epoch do to the log
//	   internal/events                                              NATS
//	4  internal/store/sqlite, internal/store/storetest, internal/endpoint, internal/rules, internal/web/site, internal/web/ops
//	   internal/survey, internal/observe                            quality kept measured; metrics of what observers are told
//	   internal/control                                             commands to a running gateway, over a socket in the data folder
//	5  internal/app                                                 wiring
//	6  cmd/sheaf, internal/bench
//
// The public packages can be used by any Go program. They never import internal/ and never measure
// themselves: what they do is told to observers (pipeline.RunObserver, oaipmh.Options.Observe, the
// fetcher's), and internal/observe makes metrics of that; its doc.go says which file speaks of which part.
//
// # Where each promise lives
//
// What the gateway promises, the code that keeps it, the test that tries to break it:
//
//	commit order          store/plan.go (Plan.next)              storetest, store/plan_test.go
//	safe datestamps       store/clock.go, sqlite/head.go          sqlite/clock_test.go, storetest, app/follow_test.go
//	live head             endpoint/list.go                       storetest, app/follow_test.go, app/peers_test.go (other people's clients)
//	kept pages are right  store/moves.go, oaipmh/cache.go        storetest, oaipmh/cache_test.go
//	moves only if served  rules/fingerprint.go                 app/follow_test.go (TestHistories)
//	all or nothing        sqlite/writer.go, runs.go              storetest, app/kill_test.go
//	every change          pipeline/relay.go, events/publish.go  app/kill_test.go, app/nats_test.go, events
//	only the gateway writes events  events/door.go, doorman.go   events/door_test.go
//	one bad record        sqlite/quarantine.go, prepare.go       storetest, pipeline/isolation_test.go, app/listing_test.go
//	a bad source          harvest, harvest/oai                  harvest/oai/hostile_test.go, over the faults of oaipmh/oaitest
//	nothing short is whole pipeline/measure.go, oai/search.go       cmd/sheaf/incomplete_test.go, detour_test.go
//	one key, one item     pipeline/rivals.go, sqlite/known.go    storetest, pipeline/collision_test.go
//	originals are kept    store/codec.go, sqlite/commit.go             storetest
//	remap beside harvest  pipeline/remap.go, sqlite/remap.go     storetest, sqlite/remap_test.go, app/remap_test.go
//	rules act by remap    rules/rules.go, rules/sets.go         app/sets_test.go, app/versions_test.go
//	a log that is whole   sqlite/check.go, health.go, reserve.go sqlite/check_test.go, diskfull_linux_test.go, private_test.go
//	all of them at once   app/chaos_test.go                     -chaos 10m in continuous integration
//	public addresses      harvest/reach.go                     harvest/reach_test.go, cmd/sheaf/reach_test.go
//	a crowd at the door   limit/turns.go, listener.go          limit, app/crowd_test.go
//	the ops door          web/ops/door.go, config/doors.go    app/opsdoor_test.go
//	no cursor twice       store/leap.go, sqlite/leap.go        storetest (PutBack), pipeline/diverged_test.go
//	the epoch             sqlite/epoch.go, digest.go, pipeline/relay.go   storetest, app/nats_test.go, pipeline/diverged_test.go
//
// # Where to begin a change
//
//   - A new kind of source: a package below harvest, a row in the table of internal/app/sources.go, its
//     keys in internal/config.
//   - A new command: a file in internal/control with its answer, its handler and the client's method; a row in the
//     routes of control/server.go; a file in cmd/sheaf and a row in the table of cmd/sheaf/main.go.
//   - A new metric: a field and its constructor in the file of internal/observe that listens to the part that it
//     speaks of.
//   - A new page for operators, or something that readiness asks for: internal/web/ops, and app/doors.go, which says
//     what it shows.
//   - Something that goes on as long as the gateway runs: a Run(ctx) error in a room of its own, and a line in
//     Gateway.Run (app/gateway.go), which starts it and waits for its end.
//   - A new door: a reader of pipeline.Reader; it needs nothing from the writing half.
//   - A new format: a row in the table of dublincore/formats, with what it demands and a writer over
//     dublincore.Record, and its bits in pipeline/formats.go; oai_dc alone is rendered when a record is
//     stored, because a page of a list should be nothing but appends.
//   - A format that is written otherwise: its next version behind the one that there is, which stays
//     (formats.Table). Records say by which they are written.
//   - A date that is not understood: its words in dublincore/date/words.go, its form beside the others there.
//   - A form of MARC record, or a fault of one: dublincore/crosswalk/marc; which fields become what is in
//     dublincore/crosswalk/maps/marc21.map.
package main
