package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// A doorman makes consumers for readers, having read what they ask for: the permissions of the broker
// know subjects, and where a consumer delivers to, or how long it stays, is in the request's body.
type doorman struct {
	streams *nats.Conn // where consumers are made; requests come on a connection to the readers
}

const (
	doormanName = "doorman"
	// The gateway's own connections get their answers below this, where no consumer of a reader delivers.
	gatewayInbox = "_GATEWAY"
	// How long a consumer may be left alone before it is removed.
	maxInactive = 30 * 24 * time.Hour
	// A request may have this many bytes, and a consumer this many filters.
	maxRequest = 32 << 10
	maxFilters = 64
	// Requests that wait for the doorman.
	maxQueue = 1024
	// How long making a consumer may take.
	makeTimeout = 4 * time.Second
)

// startDoorman starts the doorman, who works until the server stops.
func startDoorman(ns *server.Server) error {
	streams, err := nats.Connect("", nats.InProcessServer(ns), nats.NoReconnect(), nats.CustomInboxPrefix(gatewayInbox))
	if err != nil {
		return err
	}
	readers, err := nats.Connect("", nats.InProcessServer(ns), nats.NoReconnect(), nats.UserInfo(doormanName, ""))
	if err != nil {
		return err
	}
	d := &doorman{streams}
	for _, subject := range makeConsumer {
		sub, err := readers.Subscribe(subject, d.answer)
		if err != nil {
			return err
		}
		if err := sub.SetPendingLimits(maxQueue, maxQueue*maxRequest); err != nil {
			return err
		}
	}
	return readers.FlushTimeout(makeTimeout)
}

func (d *doorman) answer(m *nats.Msg) {
	request, err := admissible(m.Subject, m.Data)
	if err != nil {
		refuse(m, err)
		return
	}
	answer, err := d.streams.Request(m.Subject, request, makeTimeout)
	if err != nil {
		refuse(m, fmt.Errorf("the streams did not answer: %w", err))
		return
	}
	m.Respond(answer.Data)
}

// admissible returns the request for a consumer in the form in which the streams may get it, or says why they may not.
//
// A request of the oldest form has no name in its subject, and the broker would take that of the body: so a reader could
// change the consumer of another one, whose name no permission lets it use.
func admissible(subject string, data []byte) ([]byte, error) {
	if len(data) > maxRequest {
		return nil, fmt.Errorf("the request has %d bytes; it may have %d", len(data), maxRequest)
	}
	var r server.CreateConsumerRequest
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, err
	}
	c := &r.Config
	switch {
	case c.Name != "" && strings.Count(subject, ".") == 4:
		return nil, fmt.Errorf("a consumer with a name is asked for under its name: %s.%s", subject, c.Name)
	case c.DeliverSubject != "" && !strings.HasPrefix(c.DeliverSubject, strings.TrimSuffix(inboxes, ">")):
		return nil, errors.New("a consumer here delivers to an inbox (_INBOX.…) and nowhere else; leave deliver_subject out to pull")
	case c.Direct || c.Sourcing:
		return nil, errors.New("a stream of another server can't follow this one directly; publish on a NATS cluster of your own (events.kind: nats) for that")
	case len(c.FilterSubjects) > maxFilters:
		return nil, fmt.Errorf("the consumer has %d filters; it may have %d", len(c.FilterSubjects), maxFilters)
	case c.InactiveThreshold > maxInactive:
		return nil, fmt.Errorf("inactive_threshold is %v; it may be %v", c.InactiveThreshold, maxInactive)
	case c.Durable != "" && c.InactiveThreshold == 0:
		c.InactiveThreshold = maxInactive
	}
	return json.Marshal(r)
}

// refuse answers as JetStream does.
func refuse(m *nats.Msg, err error) {
	b, encodeErr := json.Marshal(server.JSApiConsumerCreateResponse{ApiResponse: server.ApiResponse{
		Type:  server.JSApiConsumerCreateResponseType,
		Error: &server.ApiError{Code: 400, ErrCode: uint16(server.JSConsumerCreateErrF), Description: err.Error()},
	}})
	if encodeErr == nil {
		m.Respond(b)
	}
}
