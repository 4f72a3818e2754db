// Package observe shows operators what the parts of the gateway tell their observers: as metrics of
// Prometheus, as a line in the log at the end of each harvest, and as the list of those who harvest us.
//
// The parts measure nothing themselves. Each file here listens to one of them:
//
//	upstream.go    what sources answer                      [harvest.Source], [http.RoundTripper]
//	harvests.go    what runs did                            [pipeline.RunObserver]
//	runlog.go      how runs go on and end, in the log       [pipeline.RunObserver]
//	requestlog.go  requests, in the log                     [oaipmh.Observation]
//	mapping.go     what the mapping rules did               an observer of internal/rules
//	log.go         the log: read when Prometheus asks       [Log]
//	sources.go     how each source stands in it: likewise   [Standings]
//	leases.go      which gateway does what one alone does   [Peers]
//	failing.go     which sources fail, since when, and why  [pipeline.RunObserver]
//	relay.go       what reached the event stream            [pipeline.RelayObserver]
//	unpublished.go what waits for it: read when asked       [Published]
//	stream.go      the event stream and its readers         the broker, when asked
//	replicas.go    the servers that keep it                 [events.ReplicaWatch]
//	consumers.go   how each durable consumer of it stands   [events.ConsumerWatch]
//	webhooks.go    what receivers of webhooks were sent     package webhook
//	standbys.go    the replicas of the database             [Replicated], when asked
//	folder.go      what the data folder has beside the log  the disk, when asked
//	backups.go     when the log was backed up last          [Memos]
//	dump.go        the dump that is served                  package feed
//	certificates.go  when those of listeners end           [x509.Certificate]
//	doors.go       the public doors beside OAI-PMH          [http.Handler]
//	selfprobe.go   what a walk through our own list finds   package selfprobe
//	reloads.go     how reading the configuration again went cmd/sheaf
//	traces.go      whether the collector takes what is traced   package tracing
//	oai.go         what OAI-PMH answered                    [oaipmh.Observation]
//	harvesters.go  who walks through our lists              [oaipmh.Observation]
//	quality.go     the quality that was measured last       [Surveys]
//
// Of several gateways on one log each shows what it does itself, and one shows what is of the log as a whole (ofall.go), so that
// sums over all gateways are right.
//
// A new metric is a field in the file of the part that it speaks of, with its name, help and labels in
// that file's constructor. A metric with labels beside the source takes the name of the source from
// [Labels], so that the number of series stays within bounds.
package observe
