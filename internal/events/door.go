package events

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A door stands between the streams and those who read them.
//
// The streams are in the server's global account, which only the gateway's own connection in this
// process enters: it alone publishes, and makes, changes or removes streams. Everyone else is in an
// account of readers, which is given a few services and streams of the first one and nothing more.
//
// Two accounts, and not one with permissions, because the broker writes on behalf of those who ask
// it: it answers on whatever reply subject a request names, and delivers a consumer's messages to
// whatever subject the consumer names. In one account a reader that may publish nothing on the
// subjects of a stream has the broker do so. In an account of its own the answers to a reader reach
// only readers; what a consumer delivers to is read by the doorman before the consumer is made.
type door struct {
	guests Guests
	names  names

	mu      sync.Mutex
	readers *server.Account // nil while the door is shut
	seats   seats
}

const readersAccount = "READERS"

// What readers may ask JetStream. The answers to those that stream come one after the other.
var (
	askOnce = []string{
		"$JS.API.INFO",
		"$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.*", "$JS.API.STREAM.MSG.GET.*",
		"$JS.API.CONSUMER.NAMES.*", "$JS.API.CONSUMER.LIST.*", "$JS.API.CONSUMER.INFO.*.*", "$JS.API.CONSUMER.DELETE.*.*",
	}
	askStreaming = []string{"$JS.API.CONSUMER.MSG.NEXT.*.*", "$JS.ACK.>", "$JS.FC.>"}
	// The doorman answers these.
	makeConsumer = []string{"$JS.API.CONSUMER.CREATE.>", "$JS.API.CONSUMER.DURABLE.CREATE.*.*"}
)

const (
	// Where readers get answers and messages: client libraries take inboxes below this for both.
	inboxes = "_INBOX.>"
	// How long a reader that pulls may wait for the next message of one request.
	pullThreshold = 10 * time.Minute
	// On each stream. A consumer keeps some kilobytes.
	maxConsumers = 256
	// Messages of one consumer that are delivered and not acknowledged yet.
	maxAckPending = 20_000
)

// open gives the readers' account what it may have.
func (d *door) open(ns *server.Server, n names) error {
	streams := ns.GlobalAccount()
	readers, err := ns.RegisterAccount(readersAccount)
	if err != nil {
		return fmt.Errorf("make the account of readers: %w", err)
	}
	limits := map[string]server.JetStreamAccountLimits{"": {
		MaxMemory: -1, MaxStore: -1, MaxStreams: -1, MemoryMaxStreamBytes: -1, StoreMaxStreamBytes: -1,
		MaxConsumers: maxConsumers, MaxAckPending: maxAckPending,
	}}
	if err := errors.Join(streams.UpdateJetStreamLimits(limits),
		lendServices(streams, readers), lendStreams(streams, readers, n)); err != nil {
		return fmt.Errorf("open the streams to readers: %w", err)
	}
	d.admit(readers, newSeats(ns))
	if err := startDoorman(ns); err != nil {
		return fmt.Errorf("open the streams to readers: %w", err)
	}
	return nil
}

func lendServices(from, to *server.Account) error {
	var errs []error
	lend := func(subject string, response server.ServiceRespType) {
		errs = append(errs, from.AddServiceExportWithResponse(subject, response, []*server.Account{to}),
			to.AddServiceImport(from, subject, subject))
	}
	for _, s := range askOnce {
		lend(s, server.Singleton)
	}
	for _, s := range askStreaming {
		lend(s, server.Streamed)
		errs = append(errs, from.SetServiceExportResponseThreshold(s, pullThreshold))
	}
	return errors.Join(errs...)
}

// lendStreams lets readers subscribe to events as they come, and to what their consumers deliver.
func lendStreams(from, to *server.Account, n names) error {
	var errs []error
	for _, s := range []string{n.subjects + ">", inboxes} {
		errs = append(errs, from.AddStreamExport(s, []*server.Account{to}), to.AddStreamImport(from, s, ""))
	}
	return errors.Join(errs...)
}

// readerPermissions returns the permissions of a reader of all sources, which may ask and hear the answers. Other readers
// can't hear it, so that no reader can tell them what the broker never said. A consumer that is named as another reader,
// and what goes to the inbox of one with a key, is for that one alone.
func (d *door) readerPermissions(self string) *server.Permissions {
	var ask, theirs []string
	for _, s := range [][]string{askOnce, askStreaming, makeConsumer} {
		ask = append(ask, s...)
	}
	silent := []string{"$JS.>", "$SYS.>"}
	for _, name := range d.guests.names() {
		if name == self {
			continue
		}
		theirs = append(theirs, consumerSubjects("*", name)...)
		theirs = append(theirs, "$JS.API.CONSUMER.CREATE.*."+name, "$JS.API.CONSUMER.CREATE.*."+name+".>", "$JS.API.CONSUMER.DURABLE.CREATE.*."+name)
		if _, hasKey := d.guests.Readers[name]; hasKey {
			silent = append(silent, ownInbox(name)+".>")
		}
	}
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: ask, Deny: theirs},
		Subscribe: &server.SubjectPermission{Deny: silent},
	}
}

// ownInbox is where a reader with a key gets answers and messages, and nobody else.
func ownInbox(name string) string { return "_INBOX." + name }

// consumerSubjects are those by which a consumer of a stream is read from, acknowledged, looked at and removed. (Servers
// from 2.15 on name the domain and the account in acknowledgements too.)
func consumerSubjects(stream, consumer string) []string {
	return []string{
		"$JS.API.CONSUMER.INFO." + stream + "." + consumer, "$JS.API.CONSUMER.DELETE." + stream + "." + consumer,
		"$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer,
		"$JS.ACK." + stream + "." + consumer + ".>", "$JS.ACK.*.*." + stream + "." + consumer + ".>",
		"$JS.FC." + stream + "." + consumer + ".>",
	}
}

// keyPermissions are those of a reader with a key: a consumer of its own name on the stream of records, for the events
// of its sources, and nothing else. A consumer with one filter names it in the subject of the request, where the broker
// holds the body to it; so a reader of several sources takes one consumer with one filter, or is given all of them.
func (d *door) keyPermissions(name string) *server.Permissions {
	r, stream := d.guests.Readers[name], d.names.records
	if len(r.Sources) == 0 {
		return d.readerPermissions(name)
	}
	ask := append(consumerSubjects(stream, name), "$JS.API.INFO", "$JS.API.STREAM.INFO."+stream)
	hear := []string{ownInbox(name) + ".>"}
	for _, source := range r.Sources {
		own := string(appendToken([]byte(d.names.subjects+"records."), source))
		ask = append(ask, "$JS.API.CONSUMER.CREATE."+stream+"."+name+"."+own+".>")
		hear = append(hear, own+".>")
	}
	return &server.Permissions{Publish: &server.SubjectPermission{Allow: ask}, Subscribe: &server.SubjectPermission{Allow: hear}}
}

// admit lets readers in from now on. Before that there are no streams that they could read.
func (d *door) admit(readers *server.Account, s seats) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readers, d.seats = readers, s
}

// inside returns the account of readers, which is nil while the door is shut, and their seats.
func (d *door) inside() (*server.Account, seats) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.readers, d.seats
}

// Check implements [server.Authentication]. A connection through a pipe comes from this process.
func (d *door) Check(c server.ClientAuthentication) bool {
	readers, seats := d.inside()
	from := c.RemoteAddress()
	if from == nil { // it has hung up meanwhile
		return false
	}
	if from.Network() == "pipe" {
		if c.GetOpts().Username == doormanName {
			c.RegisterUser(&server.User{Account: readers})
		}
		return true
	}
	o := c.GetOpts()
	if readers == nil || !seats.free(from) {
		return false
	}
	if o.Nkey != "" {
		name := d.guests.keyHolder(o.Nkey, o.Sig, c.GetNonce())
		if name == "" {
			return false
		}
		c.RegisterUser(&server.User{Username: name, Account: readers, Permissions: d.keyPermissions(name)})
		return true
	}
	if !d.guests.know(o.Username, o.Password) {
		return false
	}
	c.RegisterUser(&server.User{Username: o.Username, Account: readers, Permissions: d.readerPermissions(o.Username)})
	return true
}
