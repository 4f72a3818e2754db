package events

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// inspect looks whether a stream that somebody else keeps is as want says, and changes nothing. The error says exactly what
// differs, all of it at once.
func (c *Client) inspect(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := c.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("there is no stream %s, and events.streams: check says that somebody else makes it; it needs %s", want.Name, needs(&want))
	}
	if err != nil {
		return nil, fmt.Errorf("look for the stream %s: %w", want.Name, err)
	}
	info := s.CachedInfo()
	if _, marked := info.Config.Metadata[metaNamespace]; marked {
		if err := c.owns(ctx, info); err != nil {
			return nil, err
		}
	}
	if differs := differences(&info.Config, &want); len(differs) > 0 {
		return nil, fmt.Errorf("the stream %s is not as the gateway needs it, and events.streams: check says that somebody else keeps it: %s", want.Name, strings.Join(differs, "; "))
	}
	return s, nil
}

// checked are the settings without which events are lost, refused or reach nobody, as NATS calls them. The others are
// the business of whoever keeps the stream.
var checked = []string{
	"subjects", "retention", "discard", "storage", "num_replicas", "max_age", "max_bytes", "max_msgs", "max_msgs_per_subject",
	"max_msg_size", "max_consumers", "no_ack", "sealed", "mirror", "sources", "subject_transform", "allow_atomic", "allow_msg_counter",
}

// differences say of each setting that must be otherwise what it is and what it must be.
func differences(have, want *jetstream.StreamConfig) (out []string) {
	each(have, want, func(name string, is, must any) {
		if name == "max_bytes" && want.MaxBytes == unbounded {
			return // the configuration does not say
		}
		out = append(out, fmt.Sprintf("%s is %s and must be %s", name, inWords(is), inWords(must)))
	})
	if owner := have.Metadata[metaNamespace]; owner != want.Metadata[metaNamespace] {
		out = append(out, fmt.Sprintf("its metadata have no %s: %s", metaNamespace, want.Metadata[metaNamespace]))
	}
	if _, ok := have.Metadata[metaSealed]; !ok {
		out = append(out, fmt.Sprintf("its metadata have no %s: 1", metaSealed))
	}
	return out
}

// needs lists the settings of a stream that differ from those of an empty one.
func needs(want *jetstream.StreamConfig) string {
	var out []string
	each(&jetstream.StreamConfig{}, want, func(name string, _, must any) {
		if name == "max_bytes" && want.MaxBytes == unbounded {
			return
		}
		out = append(out, name+" "+inWords(must))
	})
	return strings.Join(append(out, "and the metadata "+metaNamespace+": "+want.Metadata[metaNamespace]+", "+metaSealed+": 1"), ", ")
}

// each gives the checked settings in which two configurations differ.
func each(have, want *jetstream.StreamConfig, differs func(name string, is, must any)) {
	x, y := reflect.ValueOf(*have), reflect.ValueOf(*want)
	for i := range x.NumField() {
		name, _, _ := strings.Cut(x.Type().Field(i).Tag.Get("json"), ",")
		is, must := x.Field(i).Interface(), y.Field(i).Interface()
		if slices.Contains(checked, name) && !same(is, must) {
			differs(name, is, must)
		}
	}
}

// same compares two settings; the order of subjects says nothing.
func same(a, b any) bool {
	x, okX := a.([]string)
	y, okY := b.([]string)
	if okX && okY {
		return slices.Equal(slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y)))
	}
	return reflect.DeepEqual(a, b)
}

func inWords(v any) string {
	switch v := v.(type) {
	case []string:
		if len(v) == 0 {
			return "nothing"
		}
		return strings.Join(v, " ")
	case time.Duration:
		return v.String()
	case nil:
		return "nothing"
	}
	if r := reflect.ValueOf(v); (r.Kind() == reflect.Pointer || r.Kind() == reflect.Slice) && r.IsNil() {
		return "nothing"
	}
	return fmt.Sprint(v)
}
