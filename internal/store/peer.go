package store

import (
	"slices"
	"time"
)

// A Peer is one of the gateways that have a log open, this one or another.
type Peer struct {
	Name  string    `json:"name,omitempty"` // behind "sheaf-", that of its connections to the database
	Place string    `json:"place"`          // its machine and its data folder, for people
	Began time.Time `json:"began"`
	Self  bool      `json:"self,omitempty"` // it is the one that answers
	Holds []Lease   `json:"holds,omitempty"`
}

// A Lease is the right to do what one gateway of all on a log does alone, until it ends or is given up.
type Lease struct {
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
}

const (
	// WorkLease is the lease of the gateway that publishes, sends webhooks and measures, and that shows what is of the log as a whole.
	WorkLease = "work"
	// HostLease is the beginning of the name of the lease of a host that is harvested (pipeline.Source.Shared).
	HostLease = "host/"
	// RemapLease is the beginning of the name of the lease of a source whose records are mapped again.
	RemapLease = "remap/"
)

// Has says whether the gateway holds a lease.
func (p *Peer) Has(lease string) bool {
	return slices.ContainsFunc(p.Holds, func(l Lease) bool { return l.Name == lease })
}
