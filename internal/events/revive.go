package events

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// roomToStart is how much must be free on the disk before JetStream is tried again: its index and a
// beginning of messages.
const roomToStart = 16 << 20

// watch looks after JetStream. The library turns it off, or one stream of it, at the first write that
// fails (a full disk, too many open files), and never on again. So when that has happened the server
// is started anew, as soon as a file can be written.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(s.o.watchEvery)
	defer tick.Stop()
	broken := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := trouble(s.server())
		if err == nil {
			broken = false
			continue
		}
		if !broken {
			s.log.log.Error("the event broker can't write its streams; it starts again when it can", "err", err)
			broken = true
		}
		if err := s.writable(); err != nil {
			s.log.log.Debug("the event broker still can't write", "err", err)
			continue
		}
		s.restart()
	}
}

// trouble says why JetStream takes no more messages.
func trouble(ns *server.Server) error {
	if !ns.JetStreamEnabled() {
		return errors.New("JetStream is off")
	}
	for _, e := range ns.Healthz(&server.HealthzOptions{Details: true}).Errors {
		if strings.Contains(e.Error, "write error") {
			return errors.New(e.Error)
		}
	}
	return nil
}

// restart starts the server again at the same address, with the same streams. The gateway's client
// and all readers connect again by themselves.
func (s *Server) restart() {
	old := s.server()
	old.Shutdown()
	old.WaitForShutdown()
	if err := s.run(hostPort{s.addr.IP.String(), s.addr.Port}); err != nil {
		s.log.log.Error("the event broker could not start again; it tries on", "err", err)
		return
	}
	s.log.log.Info("the event broker has started again")
}

// writable says whether the streams' folder takes a file of some size, kept safe.
func (s *Server) writable() error {
	f, err := os.CreateTemp(s.o.StoreDir, ".write-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	block := make([]byte, 1<<20)
	for range roomToStart / len(block) {
		if _, err := f.Write(block); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(f.Sync(), f.Close())
}
