package events

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// The codes with which servers say that a stream may become larger than what they have for JetStream.
const (
	codeNoPeers        = 10005 // no server of a cluster fits, for whatever reason
	codeAccountLimits  = 10002
	codeNoResources    = 10023
	codeStorageTooFull = 10047
)

// plainRoom says in plain words that the servers have too little room for a stream, if that is what err means. Servers
// set the whole bound of a stream aside when it is made, so this is known before anything is published.
func plainRoom(err error, want *jetstream.StreamConfig) error {
	var refused *jetstream.APIError
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.ErrorCode {
	case codeAccountLimits, codeNoResources, codeStorageTooFull:
	case codeNoPeers:
		if !strings.Contains(refused.Description, "storage") {
			return err
		}
	default:
		return err
	}
	return fmt.Errorf("the NATS servers have too little room for JetStream: the stream %s may take %s on each of %d servers; make events.keep.bytes smaller, or give JetStream more (max_file_store of the servers, and the limits of the account): %w",
		want.Name, size(want.MaxBytes), want.Replicas, err)
}

// size is a number of bytes as people write it.
func size(bytes int64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}
