package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// idle reports whether none of the gateways on the log does the work that one alone does.
func (s *standing) idle() bool {
	return len(s.info.Gateways) > 0 && !slices.ContainsFunc(s.info.Gateways, func(p store.Peer) bool { return working(&p) != nil })
}

// working is the lease by which a gateway does that work; nil if it has none.
func working(p *store.Peer) *store.Lease {
	if i := slices.IndexFunc(p.Holds, func(l store.Lease) bool { return l.Name == store.WorkLease }); i >= 0 {
		return &p.Holds[i]
	}
	return nil
}

// harvested is from how many hosts a gateway harvests at this moment.
func harvested(p *store.Peer) (n int64) {
	for _, l := range p.Holds {
		if strings.HasPrefix(l.Name, store.HostLease) {
			n++
		}
	}
	return n
}

// printGateways says which gateways have the log open, where there are others, and what each does.
func (s *standing) printGateways(w io.Writer) error {
	if len(s.info.Gateways) == 1 && s.info.Gateways[0].Self || len(s.info.Gateways) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := newTable(w, "GATEWAY", "STARTED", "WORK")
	for i := range s.info.Gateways {
		p := &s.info.Gateways[i]
		work := []string{"serves"}
		if l := working(p); l != nil {
			work = append(work, "publishes and sends since "+stamp(l.Since))
		}
		if n := harvested(p); n > 0 {
			work = append(work, "harvests from "+wording.Count(n, "host", "hosts")+" just now")
		}
		for _, l := range p.Holds {
			if source, ok := strings.CutPrefix(l.Name, store.RemapLease); ok {
				work = append(work, "remaps "+source)
			}
		}
		t.row(wording.ClipLine(p.Place, 100), ago(p.Began, s.now), strings.Join(work, ", "))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if s.idle() {
		fmt.Fprintln(w, "GATEWAYS: none of them publishes; one begins within 20 seconds, unless the database takes no changes")
	}
	return nil
}
