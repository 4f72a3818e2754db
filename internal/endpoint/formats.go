package endpoint

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Formats returns the formats of an item, or of the repository: first those that are made from Dublin Core, then the
// native ones, in the order in which the log met them. The repository has a format that demands something as soon as a
// record had it: harvesters are not sent to a list that is empty.
func (r *Repository) Formats(ctx context.Context, identifier string) (out *oaipmh.Formats, err error) {
	err = r.Log.Snapshot(ctx, func(v store.View) error {
		out = &oaipmh.Formats{Head: v.Head().Datestamp}
		var made pipeline.Formats
		native := int64(0)
		if identifier != "" {
			row, err := v.Row(identifier, false)
			if err != nil {
				return err
			}
			if row == nil {
				return oaipmh.ErrNoItem
			}
			made, native = row.Formats, row.Native
		}
		for _, f := range r.writers().All() {
			offered := !f.Demanding() || made.Has(f.Prefix)
			if identifier == "" && !offered {
				l, err := v.List(store.MadeList, f.Prefix)
				if err != nil {
					return err
				}
				offered = l.Members+l.Departures > 0
			}
			if offered {
				out.Formats = append(out.Formats, oaiFormat(&f))
			}
		}
		out.Formats, err = appendNative(out.Formats, v, func(l *store.List) bool { return identifier == "" || l.Key == native })
		return err
	})
	return out, err
}

// appendNative appends those native formats of the log that are wanted.
func appendNative(to []oaipmh.Format, v store.View, wanted func(*store.List) bool) ([]oaipmh.Format, error) {
	var lists []store.List
	err := v.Lists(store.NativeList, "", func(l *store.List) bool {
		if wanted(l) {
			lists = append(lists, *l)
		}
		return true
	})
	slices.SortFunc(lists, func(a, b store.List) int { return cmp.Compare(a.Key, b.Key) })
	for _, l := range lists {
		to = append(to, nativeFormat(l.Name, l.Title))
	}
	return to, err
}

// A servedFormat is a format in which lists and records can be asked for.
type servedFormat struct {
	oaipmh.Format
	made *formats.Format // the newest version of its writer; nil for a native format
	key  int64           // of its list; 0 if every record has the format, or no record ever had it
	size int64           // how many members and departures the list has
}

func (f *servedFormat) native() bool { return f.made == nil }

func (f *servedFormat) isOAIDC() bool { return f.Prefix == "oai_dc" }

// everyone reports whether every record has the format.
func (f *servedFormat) everyone() bool { return !f.native() && !f.made.Demanding() }

// demanding is the prefix of a format that is made, and that not every record has; empty for others.
func (f *servedFormat) demanding() string {
	if f.native() || f.everyone() {
		return ""
	}
	return f.Prefix
}

// has reports whether a record has the format, if these formats can be made of it and native is its native format.
func (f *servedFormat) has(made pipeline.Formats, native int64) bool {
	return f.everyone() || f.native() && native == f.key || !f.native() && made.Has(f.Prefix)
}

// format finds a format by its prefix. known is false if the repository does not have it.
func (r *Repository) format(v store.View, prefix string) (f servedFormat, known bool, err error) {
	kind := store.NativeList
	if made, ok := r.writers().Named(prefix); ok {
		f.made, f.Format = made, oaiFormat(made)
		if f.everyone() { // nothing is counted of it
			return f, true, nil
		}
		kind = store.MadeList
	}
	l, err := v.List(kind, prefix)
	if err != nil {
		return f, false, err
	}
	if f.key, f.size = l.Key, l.Members+l.Departures; f.native() && l.Key != 0 {
		f.Format = nativeFormat(prefix, l.Title)
	}
	return f, f.Prefix != "", nil
}

func oaiFormat(f *formats.Format) oaipmh.Format {
	return oaipmh.Format{Prefix: f.Prefix, Schema: f.Schema, Namespace: f.Namespace}
}

func nativeFormat(prefix, title string) oaipmh.Format {
	namespace, schema, _ := strings.Cut(title, " ")
	return oaipmh.Format{Prefix: prefix, Schema: schema, Namespace: namespace}
}
