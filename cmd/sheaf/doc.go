// Command sheaf is a metadata harvesting and interoperability gateway. This is the guided tour of its
// code; docs/ has the guides for users, and sheaf --help the commands.
//
// The tour names files by the end of their path: sqlite/head.go is internal/store/sqlite/head.go. A test
// (tour_test.go) holds it to the code, so every file and every name below is there.
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
// Words that the code uses everywhere:
//
//	source       what is harvested: a repository, a listing (harvest.Source). Its name is part of identifiers for ever
//	item         one thing that a source gives, with its bytes (harvest.Item); in the log it becomes a record
//	original     those bytes. They are kept, so that other rules can be tried without asking the source again
//	page         the items that a source gives at once (harvest.Page): one transaction of the log
//	pass         all pages from the first to the one that says Done; full, or what changed since the last pass
//	run          the work of one process on a pass (pipeline.Run); a pass may take several runs
//	head         the end of the log: epoch, seq, datestamp, digest (pipeline.Head)
//	membership   that a record is in a set, or has a format; when it leaves, a departure stays, with its own datestamp
//	tombstone    a record that is deleted: its row stays, with the reason (pipeline.Reason)
//	quarantine   where an item waits that could not become a record, with its bytes and the reason
//	door         a way out of the log
//
// # The way of a harvested page
//
// A page comes from a source and ends as one transaction of the log, or not at all.
//
//	pipeline/schedule.go       the source is due, or a person asks for it; there is a place for it (pipeline/places.go), and no
//	                           other gateway harvests its host (pipeline/sharing.go)
//	pipeline/runner.go         begins or goes on with a pass. Three goroutines: one fetches, one prepares, one commits
//	pipeline/pulse.go          ends a run at its deadline, or when it does nothing any more; letgo.go leaves a source behind
//	                           that does not heed it
//	oai/source.go, walk.go     what to ask next, which the cursor says (oai/place.go); faults of repositories, and
//	                           what was made of them: search.go, windows.go, detour.go, sets.go, since.go. For a listing: listing/remote.go, ask.go (the page of a row);
//	                           for files: files/walk.go (which files, from where), files/archive.go (what is
//	                           in one), files/form.go (what it holds: MARC records, a table, JSON, XML); for services that answer in
//	                           JSON: jsonapi/source.go, next.go (where the next page is, and how a pass ends); for
//	                           ResourceSync: resourcesync/discover.go (which lists there are), open.go (everything, or
//	                           what has changed), walk.go (part after part), do.go (one resource); for another gateway: sheaf/source.go; for the pages of a site:
//	                           sitemap/walk.go (which pages there are, by its sitemaps), page.go (what one of them says).
//	                           What is sent to us comes from intake/body.go, which receives it whole, and intake/run.go;
//	                           push/push.go gives its pages
//	harvest/fetcher.go         asks one thing of a host at a time (hosts.go), waits, tries again (judge.go), holds
//	                           answers to bounds (body.go), and asks public addresses only (reach.go)
//	oaipmh/read.go             reads the answer; read_apart.go and read_repair.go save what can be saved of a broken one
//	oai/items.go               makes items of its records, or says why one can't be used (harvest.Rejection)
//	pipeline/listed.go         asks for items that are only listed, unless they are as they were: what the source noted of
//	                           them last is in the log (sqlite/noted.go)
//	pipeline/prepare.go        gives each item its identifier (mint.go). An item that came as it was is not mapped again
//	rules/rules.go             decides what becomes of the others: see the way of a mapping rule
//	pipeline/measure.go        stops before a page that brings too much, until a person has looked
//	sqlite/commit.go           the page's transaction, if the run and the cursor are still the current ones (batch.go)
//	store/change.go            the planner says of each record: unchanged, moved, in other lists (membership.go)
//	sqlite/hold.go             keeps deletions apart until the pass has come to its end (pipeline/hold.go), and for as long
//	                           as a person must decide; sqlite/absent.go finds records that the source gives no more
//	sqlite/tx.go               writes that; commit.go also puts the rejected into quarantine (quarantine.go)
//	sqlite/writer.go           commits, together with other pages that wait; it is on the disk before anybody is told
//
// What a person takes down (sqlite/removal.go) is kept out of later pages; wipe.go overwrites what is left of it in the file.
//
// What the run did is told to every observer of runs (observe/runs.go), and kept (pipeline/account.go, sqlite/account.go) until it is beyond a bound of the configuration (pipeline/keep.go, sqlite/forget.go).
//
// # The way of a request
//
// A harvester asks for a page of a list, GET /oai?verb=ListRecords:
//
//	limit/listener.go          takes the connection, unless its client has too many
//	limit/flow.go              counts the request against the client's budget, or answers 503 with Retry-After (bucket.go)
//	app/doors.go               finds the door: /oai, or the pages for people
//	observe/oai.go             counts requests that are under way
//	oaipmh/handler.go          answers in XML, or with a page for people (view.go) if a browser asks (encoding.go)
//	oaipmh/request.go          checks the arguments; token.go checks the signature of a resumption token
//	oaipmh/cache.go            serves the page again if it was kept and the log says that it is still right (store/moves.go)
//	limit/turns.go             otherwise waits for a turn: only so many pages are read at once
//	oaipmh/answer.go           asks the oaipmh.Repository, and takes records until the page is full
//	endpoint/list.go           which part of the log the list is: from and until become seqs, the token a place
//	sqlite/view.go, listing.go one snapshot of the log, and the rows in it
//	endpoint/render.go         the record in the format that was asked for; oai_dc is stored as it is served
//	oaipmh/document.go         writes the document; element.go keeps what XML forbids out of it
//	oaipmh/encoding.go, gzip.go  compresses it
//
// Feed readers and search engines ask syndication/atom.go, activity.go and sitemap.go, which read the log by sqlite/changes.go and
// entries.go. web/gzip.go compresses what they get, and pages and /changes too.
//
// A page for people goes from app/doors.go to site/site.go, which reads the log by sqlite/webreads.go, and
// through the frame of all pages (web/frame.go), in the language of its reader (web/language.go, words/words.go),
// and as the installation wants it to look (web/look.go).
//
// # The way of an event
//
// Nothing is written down for the broker: the relay is one more reader of the log.
//
//	sqlite/watch.go            wakes the readers of the log after a commit (pipeline.Relayed)
//	pipeline/relay.go          finds the last event of the stream in the log, and publishes what comes behind it
//	sqlite/read.go             reads the next records in order of seq; those that were committed a moment ago are still in memory (sqlite/recent.go)
//	events/publish.go          sends up to 512 messages ahead of their acknowledgements (ack.go); batches to a cluster (batch.go)
//	changejson/event.go        writes the CloudEvent; a record that is too long becomes a link. changejson/change.go writes its data,
//	                           as the feed's lines are written too
//	events/message.go          its subject and its id, and behind which message alone it may land: exactly once
//	events/tail.go             what the stream ends with, and whether that is an event of this log: asked every 30 s
//	events/setback.go          sets back what somebody changed of the streams
//	pipeline/removal.go        what was taken down is erased from the stream once its tombstone is there (events/erase.go)
//	sqlite/relay.go            the mark, for a stream that has forgotten its events
//
// events/consumerwatch.go looks after those who read the stream (consumers.go): whoever is about to miss events is told of
// (observe/consumers.go, cmd/sheaf/statusevents.go). What is in an event is written in events/asyncapi.yaml and the schemas
// beside it, which app/eventdocs.go serves; events/refresh.go sends a record again.
//
// A stream that knows more than the log, or something else, means that the log has gone back:
// pipeline/relay.go says so, and sqlite/epoch.go begins a new epoch, in one short transaction: records keep their
// seqs, and show the epoch's first datestamp from then on. Only the digest of the log is worked out behind it
// (sqlite/digest.go). A stream that knows less has lost events, which are published again. The broker may be part of
// the gateway (events/server.go), with a door of its own for those who read (events/door.go, doorman.go).
//
// A service without NATS asks for what has changed, GET /changes (package internal/feed):
//
//	feed/request.go            checks the arguments
//	feed/walk.go               reads the next piece behind the follower's place, or waits for one; another epoch is refused (problem.go)
//	sqlite/changes.go          one snapshot: the log, or the members of a set and those that have left it
//	feed/dumpmake.go           writes all of it into files, for those who begin; dumps.go keeps them, and removes them after a takedown
//	feed/answer.go             writes lines, or server-sent events (changejson/line.go), in small chunks: what was taken down since
//	                           it was read is not written
//
// A service that is called by the gateway has a webhook (package internal/webhook), a reader of the log like the relay:
//
//	webhook/round.go           reads what is behind the cursor, and letters: what was refused and is due again
//	webhook/send.go            signs the event (sign.go) and sends it, to public addresses only (harvest/reach.go); says what the answer means
//	webhook/round.go           writes down how far it has come (state.go), in one transaction for what was sent at once; in a file
//	                           (file.go), or, for all gateways on a log, beside it (postgres/tables.go)
//	webhook/notice.go          tells a receiver that everything is sent anew, and when that is done
//
// # The way of a mapping rule
//
// The line "title from 245$abnp | isbd" is read once, and works on every original of its source.
//
//	crosswalk/syntax.go        cuts the file into lines and words, with their places for messages (errors.go)
//	crosswalk/compile.go       reads statements one after the other, includes and tables too (table.go)
//	crosswalk/statement.go     makes a rule of the line: a term, selectors, a condition, transforms (rule.go)
//	crosswalk/marcspec.go      understands 245$abnp; each family of formats has its selectors: xmlpath.go, json.go,
//	                           html.go, csv.go (family.go has the table of formats)
//	crosswalk/cond.go          understands where …; transform.go has the table of transforms, isbd among them
//	rules/crosswalk.go         opens the mapping that the configuration names, when the gateway starts
//	crosswalk/mapping.go       applies it: opens the original, runs the rules, keeps each value once
//	crosswalk/normal.go        brings values into their standard form, and notes what was done
//	rules/corrections.go       what people corrected goes over it
//	rules/link.go              a record that leads nowhere gets the gateway's page about it
//	rules/sets.go, formats.go  which sets made by rules the record is in, and which formats can be made of it
//	rules/fingerprint.go       whether that is a change of what is served
//
// A draft of rules is tried on the workbench (ops/workbench.go, control/workbench.go), which stores nothing.
//
// New rules act on what is in the log only by a remap: pipeline/remap.go maps the kept originals, counts
// first (remapreport.go), and sqlite/remap.go writes what would change. rules/explain.go says why a value is
// there, for sheaf map, and crosswalk/unread.go what no rule looks at, which is noted with every record.
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
//	1  internal/machine, internal/wording, internal/xmlscan, internal/schematest, internal/freeport, dublincore/date, harvest, internal/limit, internal/collation, internal/web, internal/web/axetest    ideas, each for itself
//	2  dublincore, oaipmh, dublincore/crosswalk/marc                a record; the protocol; MARC records
//	   dublincore/crosswalk/webpage                                 what a web page says of the thing that it shows
//	   dublincore/crosswalk/ead                                     finding aids, cut into records
//	   pipeline                                                     the flow; declares Log and Publisher
//	   internal/config                                              the configuration file
//	   internal/backup                                              copies of the log, on a schedule: in a folder, or in a bucket
//	   internal/backup/s3test                                       an S3-compatible storage for tests
//	   internal/audit                                               what people have done, written down beside the log
//	   harvest/robots                                               what a site asks of programs that fetch its pages (RFC 9309)
//	3  dublincore/crosswalk, dublincore/formats, dublincore/quality, oaipmh/oaitest, harvest/oai, harvest/listing, harvest/files, harvest/jsonapi, harvest/resourcesync, harvest/sitemap, harvest/push
//	   internal/store                                               the planner: what a commit, a remap and a new epoch do to the log
//	   internal/changejson                                          a change as JSON: what events, the feed and exports hand on
//	   internal/doctor                                              what a gateway stands on: permissions, ports, certificates
//	   internal/cite                                                how a record is cited, in words and for reference managers
//	   internal/acme                                                certificates that an authority gives by ACME
//	   internal/openid                                              who somebody is, as an OpenID Connect provider says
//	   internal/tracing                                             the way of records, told to a collector of OpenTelemetry
//	   internal/search                                              an index that follows the log, and finds records
//	   pipeline/follow                                              for programs elsewhere: a copy of the log, kept right
//	4  internal/store/memory, internal/store/storetest, internal/endpoint, internal/rules, internal/kinds, internal/web/syndication, internal/web/intake
//	   internal/store/datadir                                       what a database keeps in the data folder beside it: lock, marks
//	   internal/store/postgres/pgtest                               a PostgreSQL server for tests
//	   internal/events, internal/feed                               NATS; the feed of changes over HTTP
//	   internal/survey                                              quality kept measured
//	   internal/selfprobe                                           a walk through the gateway's own list of records, to find faults first
//	   internal/mirror                                              a folder or SQLite file kept equal to a gateway, or to any repository
//	5  internal/store/sqlite                                        the log in one file
//	   internal/search/searchtest                                   what every search engine has to pass
//	   internal/store/postgres                                      the log in PostgreSQL, for logs that outgrow one file
//	   internal/web/site                                            public pages
//	   internal/observe                                             metrics of what observers are told
//	   internal/control                                             commands to a running gateway, over a socket in the data folder
//	6  internal/web/ops                                             operators' pages, which give those commands
//	   internal/store/move                                          carries a log from SQLite into PostgreSQL
//	7  internal/app                                                 wiring
//	8  cmd/sheaf, internal/bench
//
// internal/app puts all of it together, in order, and takes it apart in the opposite order.
//
// The public packages can be used by any Go program. They never import internal/ (except internal/xmlscan and
// internal/wording, of which no exported name speaks) and never measure themselves: what they do is told to observers
// (pipeline.RunObserver, oaipmh.Options.Observe, the fetcher's), and internal/observe makes metrics of that; its
// doc.go says which file speaks of which part.
//
// # Where each promise lives
//
// What the gateway promises, the code that keeps it, the test that tries to break it:
//
//	commit order          store/plan.go (store.Plan.next)        internal/store/storetest, store/plan_test.go
//	safe datestamps       store/clock.go, sqlite/head.go         sqlite/clock_test.go, internal/store/storetest, app/follow_test.go
//	live head             endpoint/list.go, oaipmh/token.go      app/follow_test.go, postgres/walk_test.go, app/peers_test.go (other people's clients)
//	kept pages are right  store/moves.go, oaipmh/cache.go        internal/store/storetest, oaipmh/cache_test.go
//	moves only if served  rules/fingerprint.go                   app/follow_test.go (TestHistories)
//	all or nothing        sqlite/writer.go, batch.go             internal/store/storetest, app/kill_test.go
//	every change          pipeline/relay.go, events/publish.go   app/kill_test.go, app/nats_test.go, events/cluster_test.go
//	a webhook skips nothing  webhook/round.go                    webhook/histories_test.go
//	only the gateway writes events  events/door.go, doorman.go   events/door_test.go
//	one bad record        sqlite/quarantine.go, pipeline/prepare.go  pipeline/isolation_test.go, app/listing_test.go
//	a bad source          package harvest, harvest/oai           oai/hostile_test.go, over the faults of oaipmh/oaitest
//	nothing short is whole pipeline/measure.go, oai/search.go    cmd/sheaf/incomplete_test.go, detour_test.go
//	what was missed is found  pipeline/reconcile.go, oai/reconcile.go, sqlite/reconcile.go  cmd/sheaf/reconcile_test.go
//	few deletions at once  pipeline/hold.go, sqlite/hold.go, sqlite/absent.go   internal/store/storetest, cmd/sheaf/hold_test.go
//	a takedown is final   sqlite/removal.go, wipe.go, events/erase.go  internal/store/storetest, sqlite/wipe_test.go, app/takedown_test.go
//	one key, one item     pipeline/rivals.go, sqlite/known.go    internal/store/storetest, pipeline/collision_test.go
//	originals are kept    store/codec.go, sqlite/commit.go       internal/store/storetest
//	remap beside harvest  pipeline/remap.go, sqlite/remap.go     sqlite/remap_test.go, app/remap_test.go
//	rules act by remap    rules/rules.go, rules/sets.go          app/sets_test.go, app/versions_test.go
//	a log that is whole   sqlite/check.go, health.go, reserve.go sqlite/check_test.go, diskfull_linux_test.go, private_test.go
//	all of them at once   app/chaos_test.go                      -chaos 3m in continuous integration
//	public addresses      harvest/reach.go                       harvest/reach_test.go, cmd/sheaf/reach_test.go
//	what a site asks for  robots/gate.go, harvest/hosts.go       robots/gate_test.go, sitemap/source_test.go
//	a crowd at the door   limit/turns.go, listener.go            internal/limit, app/crowd_test.go
//	the ops door          ops/door.go, config/doors.go           app/opsdoor_test.go
//	who may act, and once ops/act.go, person.go, form.go         app/opsact_test.go
//	who may push          intake/tokens.go, ops/ops.go           app/push_test.go
//	no cursor twice       store/leap.go, sqlite/leap.go          internal/store/storetest, pipeline/diverged_test.go
//	copies are equal      follow/follow.go, batch.go             follow/follow_test.go
//	the epoch             sqlite/epoch.go, digest.go, pipeline/relay.go   app/nats_test.go, pipeline/diverged_test.go
//
// # Where to begin a change
//
//   - A new kind of source: a package below harvest that fetches it; a file in internal/kinds with its keys, their
//     checks, its source, how sheaf probe recognises it and what it proposes, and what sheaf map makes of a file of it;
//     and a row in the table of kinds/kinds.go. The schema, sheaf config check and the commands take it from there
//     (kinds/another_test.go adds one).
//   - A new command: a file in internal/control with its answer, its handler and the client's method; a row in the
//     routes of control/server.go; a file in cmd/sheaf and a row in the table of cmd/sheaf/main.go.
//   - A new key of the configuration: a field with a comment in config/config.go or config/source.go, its check in
//     check.go or checksource.go there; the schema is made of the struct. What reads it comes in the same change.
//   - A new metric: a field and its constructor in the file of internal/observe that listens to the part that it
//     speaks of.
//   - A new page for operators, or something that readiness asks for: internal/web/ops, and app/doors.go, which says
//     what it shows. Something to do on a page is a command first; then a row in the table of ops/act.go, and a form. A new page for the public: internal/web/site.
//   - Something that goes on as long as the gateway runs: a Run(ctx) error in a room of its own, and a line in
//     app.Gateway.Run (app/gateway.go), which starts it and waits for its end.
//   - A new door: a reader of pipeline.Reader; it needs nothing from the writing half.
//   - A new column of the log: sqlite/schema.sql and sqlite/migrate.go, which only ever add; what decides
//     goes into the planner, internal/store; a case in internal/store/storetest, which every database must pass.
//   - A new format: a row in the table of dublincore/formats, with what it demands and a writer over
//     dublincore.Record; oai_dc alone is rendered when a record is stored, because a page of a list should be
//     nothing but appends.
//   - A format that is written otherwise: its next version behind the one that there is, which stays
//     (formats.Table). Records say by which they are written.
//   - A repository with a habit that no rule foresees: its answer as a case of oai/quirks_test.go, or a fault in
//     oaitest/faults.go, first; then harvest/oai, or oaipmh/read.go if it is the XML that is odd.
//   - A transform of mapping rules: a row in the table of crosswalk/transform.go; the manual is made of the table
//     (crosswalk/reference.go).
//   - A date that is not understood: its words in dublincore/date/words.go, its form beside the others there.
//   - A form of MARC record, or a fault of one: dublincore/crosswalk/marc; which fields become what is in
//     dublincore/crosswalk/maps/marc21.map.
//
// # Twenty questions of a newcomer
//
//  1. Where is a resumption token checked? Its signature in oaipmh/token.go (oaipmh.keys.open), called by request.go;
//     that its place is one of this log's history in endpoint/list.go (endpoint.position).
//  2. What happens to an item without identifier? oai/items.go marks it as rejected (no_identifier), pipeline/prepare.go
//     gives it a name for people, and sqlite/quarantine.go keeps it. The rest of the page goes through.
//  3. Where would I add a fifth format? In the table of formats/formats.go. Nothing else names a format that is made,
//     except oai_dc, and those that the first releases had a number for (pipeline/formatbits.go).
//  4. Where would I add another kind of source? See the first line of the changes above.
//  5. Where would I add a metric? In internal/observe; its doc.go has a line for each file.
//  6. Where does a record get its seq and its datestamp? In store/plan.go (store.Plan.next, store.Plan.stamp); the time
//     comes from store.Guard, which doesn't believe a clock that jumps.
//  7. Why did a harvest change nothing although the source says that everything is new? pipeline/prepare.go compares
//     what was sent, without its datestamp, with what was sent before (pipeline.inputHash); what was mapped is
//     compared by rules/fingerprint.go.
//  8. What if the gateway is killed in the middle of a page? The page is not in the log, and neither is the cursor
//     behind it: sqlite/writer.go commits both together. app/kill_test.go kills it everywhere.
//  9. What if two processes harvest one source? The second fences the first (pipeline.ErrFenced): sqlite/batch.go looks
//     at each commit whether the run is the current one. A data folder has one process (datadir/lock.go);
//     several may have one database, and share the hosts that are harvested (pipeline/sharing.go, postgres/hosts.go) by
//     leases (postgres/taken.go).
//  10. Where is decided that a list which ended short is not complete? In oai/walk.go, windows.go and search.go
//     (harvest.Page.Short); pipeline.Report.conclude makes the run incomplete.
//  11. Where is a bot wall told from an answer? In harvest/challenge.go, and listing/wall.go for saved pages. What else
//     stands where something was expected is named by harvest/whatis.go (harvest.WhatIs).
//  12. Which addresses may a source have? harvest/reach.go says; inside.go has the networks that are not public.
//  13. Where is an identifier made? In pipeline/mint.go (pipeline.Mint); its path on the web in pipeline/localpath.go.
//  14. Where does broken XML of a source become readable? In oaipmh/read_repair.go; each repair is noted in
//     oaipmh.Received. What can't be repaired is one record's problem (oaipmh/read_apart.go).
//  15. Who decides that a record has left a set? The planner (store/membership.go); the departure is served by
//     sqlite/listing.go.
//  16. Why is an event not in the stream? pipeline/relay.go logs why it waits; the metrics are in observe/relay.go, and
//     readiness (ops/ready.go) tells it too. Events are never lost, because the log keeps them.
//  17. Where does a 503 come from? From internal/limit (limit.Options has the budgets), or from oaipmh/httperror.go, when
//     the repository can't answer. It is never a shorter list.
//  18. Why is this value in my record? rules/explain.go, and crosswalk.Mapping.Explain below it; sheaf map prints it
//     (cmd/sheaf/mapcmd.go).
//  19. How does an old data folder open? sqlite/migrate.go adds what it lacks; sqlite/open.go says which programs may
//     read and write it; storetest/schemas.go has folders of before, which the tests of both databases and app/upgrade_test.go open.
//  20. Where does an error become an exit status? In cmd/sheaf/main.go (report); an HTTP status in oaipmh/httperror.go
//     and web/frame.go (web.Problem); a reason for quarantine where the item is looked at (harvest.Rejection).
package main
