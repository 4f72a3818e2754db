package events

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What a stream knows about itself.
const (
	metaNamespace = "sheaf-namespace"
	metaEpoch     = "sheaf-epoch"
	metaSchema    = "sheaf-schema"
	metaLog       = "sheaf-log"         // the id of the log that publishes
	metaSealed    = "sheaf-sealed-from" // the number from which on its messages are sealed
	schemaVersion = "1"
)

// For how long the broker remembers message ids. It holds them all in memory, and the place that
// each message names keeps duplicates out anyhow, so the default of two minutes (gigabytes, while a
// large source comes in) is not worth its price.
const duplicates = 2 * time.Second

// A stream for which the configuration has no bound gets this one, or half of the free disk.
const defaultBytes = 8 << 30

const (
	// The stream of notices takes this part of what the stream of records may.
	opsShare   = 16
	leastBytes = 1 << 20
)

func (c *Client) recordsConfig() jetstream.StreamConfig {
	want := c.streamConfig(c.names.records, "Changes of records, in log order", c.o.MaxBytes,
		c.names.subjects+"records.*.*.*")
	want.AllowAtomicPublish = c.o.Replicas > 1 && takesBatches(c.nc.ConnectedServerVersion())
	return want
}

func (c *Client) opsConfig() jetstream.StreamConfig {
	bytes := c.o.MaxBytes
	if bytes != unbounded {
		bytes = max(bytes/opsShare, leastBytes)
	}
	return c.streamConfig(c.names.ops, "Notices about sources, harvests, consumers and dumps; records sent again on request", bytes,
		c.names.subjects+"sources.*.*", c.names.subjects+"harvests.*.*", c.names.subjects+"consumers.*.*", c.names.subjects+"refreshed.*.*.*", c.names.subjects+"snapshots.*")
}

// unbounded is the MaxBytes of a configuration that leaves the bound of the stream to us.
const unbounded = 0

// firstBound is how much a stream may take that is made now, where the configuration does not say.
// It is written into the stream and stays: if it were worked out again, a gateway that starts on a
// fuller disk would throw stored events away.
func (c *Client) firstBound(name string) int64 {
	bytes := int64(defaultBytes)
	if c.o.Server != nil {
		if free, ok := machine.FreeBytes(c.o.Server.o.StoreDir); ok {
			bytes = min(bytes, free/2)
		}
	}
	if name == c.names.ops {
		bytes /= opsShare
	}
	return max(bytes, leastBytes)
}

func (c *Client) streamConfig(name, about string, bytes int64, subjects ...string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: name, Description: about, Subjects: subjects,
		Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld,
		// Events are much alike: the broker packs each of its files, when it is full, to a third. It counts what it keeps
		// as if it were not packed.
		Compression: jetstream.S2Compression,
		MaxAge:      c.o.MaxAge, MaxBytes: bytes, Replicas: c.o.Replicas, Duplicates: min(duplicates, c.o.MaxAge),
		// Reading directly from a replica is quick and may be behind; our tail must not be.
		AllowDirect: false,
		// A purge takes what consumers have yet to read. Single messages must go where a record is taken down.
		DenyPurge: true,
		Metadata:  c.metadata(),
		MaxMsgs:   -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
	}
}

func (c *Client) metadata() map[string]string {
	m := map[string]string{metaNamespace: c.o.Namespace, metaSchema: schemaVersion}
	if c.o.Log != "" {
		m[metaLog] = c.o.Log
	}
	return m
}

// sealedFrom is the number of the first message that the log may have sealed. If the log has claimed the stream just
// now, it has sealed none of those that are there.
func sealedFrom(info *jetstream.StreamInfo, claimed bool) uint64 {
	n, err := strconv.ParseUint(info.Config.Metadata[metaSealed], 10, 64)
	if err != nil || claimed {
		return info.State.LastSeq + 1
	}
	return n
}

// ensure gives the stream the settings in want, and returns its state. It makes the stream if there is none, sets back what
// others have changed, and never removes a stream. The error is ErrForeign if the stream is not ours.
func (c *Client) ensure(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	if c.o.CheckOnly {
		return c.inspect(ctx, want)
	}
	s, err := c.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return c.create(ctx, want)
	}
	if err != nil {
		return nil, fmt.Errorf("look for the stream %s: %w", want.Name, err)
	}
	return c.keep(ctx, s, want)
}

func (c *Client) create(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	if want.MaxBytes == unbounded {
		want.MaxBytes = c.firstBound(want.Name)
	}
	if c.o.Key != nil {
		want.Metadata[metaSealed] = "1"
	}
	s, err := c.js.CreateStream(ctx, want)
	if err != nil {
		return nil, fmt.Errorf("create the stream %s (at most %d bytes, %d replicas): %w", want.Name, want.MaxBytes, want.Replicas, plainRoom(err, &want))
	}
	c.log.Info("stream created", "stream", want.Name, "max_bytes", want.MaxBytes, "max_age", want.MaxAge, "replicas", want.Replicas)
	return s, nil
}

// keep gives an existing stream the settings in want, and claims it if it may.
func (c *Client) keep(ctx context.Context, s jetstream.Stream, want jetstream.StreamConfig) (jetstream.Stream, error) {
	info := s.CachedInfo()
	if err := c.owns(ctx, info); err != nil {
		return nil, err
	}
	if want.MaxBytes == unbounded {
		want.MaxBytes = info.Config.MaxBytes
		if want.MaxBytes <= 0 { // somebody has taken the bound away
			want.MaxBytes = c.firstBound(want.Name)
		}
	}
	if c.o.Server == nil { // whoever runs the servers may want it otherwise
		want.Compression = info.Config.Compression
	}
	claimed := info.Config.Metadata[metaLog] != c.o.Log
	if c.o.Key != nil {
		want.Metadata[metaSealed] = strconv.FormatUint(sealedFrom(info, claimed), 10)
	}
	s, err := c.setBack(ctx, s, want)
	if err != nil {
		return nil, err
	}
	if claimed && c.o.TookOver != nil && want.Name == c.names.records {
		return s, c.o.TookOver(ctx)
	}
	return s, nil
}

// owns refuses a stream that another gateway, or another program, has made. It takes over a stream that we made before the
// gateway had a namespace, because such a stream is empty.
func (c *Client) owns(ctx context.Context, info *jetstream.StreamInfo) error {
	owner, marked := info.Config.Metadata[metaNamespace]
	switch {
	case marked && owner == c.o.Namespace:
		return c.ownsLog(ctx, info)
	case marked && owner == "" && info.State.LastSeq == 0:
		return nil
	case marked:
		return fmt.Errorf("the stream %s belongs to %q, and this gateway is %q (set events.stream_prefix, or use another NATS account): %w",
			info.Config.Name, owner, c.o.Namespace, pipeline.ErrForeign)
	}
	return fmt.Errorf("the stream %s was not made by a gateway (set events.stream_prefix, or use another NATS account): %w",
		info.Config.Name, pipeline.ErrForeign)
}

// ownsLog refuses a stream that another log of the same namespace publishes to: two gateways by mistake, or a copy
// of one. They would begin epochs against each other for ever.
func (c *Client) ownsLog(ctx context.Context, info *jetstream.StreamInfo) error {
	other := info.Config.Metadata[metaLog]
	if other == "" || c.o.Log == "" || other == c.o.Log || info.Config.Name != c.names.records {
		return nil // the stream of notices goes with that of records
	}
	if c.o.TakesOver != nil {
		if take, err := c.o.TakesOver(ctx); err != nil || take {
			return err
		}
	}
	return fmt.Errorf("another log of the namespace %s publishes to the stream %s; if it is no more (this log is its copy, or a new one in its place), take the stream over with sheaf epoch --take-over, else give this gateway a namespace or an events.stream_prefix of its own: %w",
		c.o.Namespace, info.Config.Name, pipeline.ErrForeign)
}

// writeEpoch notes in the stream's metadata that events of this epoch are in it. An epoch that is
// there already, or a later one, stays.
func (c *Client) writeEpoch(ctx context.Context, epoch int64) error {
	s, err := c.js.Stream(ctx, c.names.records)
	if err != nil {
		return fmt.Errorf("look for the stream %s: %w", c.names.records, err)
	}
	info := s.CachedInfo()
	if err := c.owns(ctx, info); err != nil {
		return err
	}
	if c.o.CheckOnly || metadataEpoch(info) >= epoch {
		return nil
	}
	next := info.Config
	next.Metadata = maps.Clone(next.Metadata)
	next.Metadata[metaEpoch] = strconv.FormatInt(epoch, 10)
	if _, err := c.js.UpdateStream(ctx, next); err != nil {
		return fmt.Errorf("note the epoch in the stream %s: %w", c.names.records, plainRoom(err, &next))
	}
	return nil
}

func metadataEpoch(info *jetstream.StreamInfo) int64 {
	n, err := strconv.ParseInt(info.Config.Metadata[metaEpoch], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
