package storetest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const namespace = "gateway.example"

// identifier mints as the gateway does.
func identifier(source string, local any) string {
	return fmt.Sprintf("oai:%s:%s/%v", namespace, source, local)
}

func hash(parts ...any) pipeline.Hash { return sha256.Sum256(fmt.Append(nil, parts...)) }

// inputOf is the hash of what a source sends for an item of this content.
func inputOf(identifier string, content int) pipeline.Hash { return hash("input", identifier, content) }

// What sources call what they send: a prefix that is ours, and one that two of them give to different things.
var (
	natives = []harvest.Format{
		{Prefix: "mods", Namespace: "http://www.loc.gov/mods/v3", Schema: "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd"},
		{Prefix: "marc21", Namespace: "http://www.loc.gov/MARC21/slim", Schema: "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"},
		{Prefix: "marc21", Namespace: "http://www.loc.gov/MARC21/slim", Schema: "https://source.example/MARC21slim.xsd"},
		{Prefix: "oai_dc", Namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/", Schema: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"},
	}
	made = []pipeline.Formats{pipeline.FormatsOf("mods", "edm"), pipeline.FormatsOf("mods", fifth), pipeline.FormatsOf("oai_openaire"), {}}
)

// fifth is a format that the first releases have no number for.
const fifth = "fifth"

// The writers: mods has a second version. By it, and for another gateway, records are written whose content
// is beyond the first few.
var (
	writers = func() *formats.Table {
		mods, _ := formats.Named("mods")
		more := *mods
		more.Prefix, more.Namespace, more.Schema = fifth, "https://example.org/fifth", "https://example.org/fifth.xsd"
		return formats.Builtin().With(more).With(mods.Next(nil, func(dst []byte, rec *dublincore.Record, item formats.Item) []byte {
			return fmt.Appendf(dst, "<second>%s, %s at %s</second>", rec.Text(dublincore.Title), item.Provider, item.Page)
		}))
	}()
	gateways = []pipeline.Gateway{{Name: "Example"}, {Name: "Another", Root: "https://another.example"}}
)

// Page is the address of the page about a record.
func Page(root, identifier string) string { return root + "/" + identifier }

// madeOf are the formats of a content, and how they are made.
func madeOf(content int) pipeline.Formats {
	fs := made[content%len(made)]
	if !fs.Has("mods") || content/len(made)%2 == 0 {
		return fs
	}
	return fs.With("mods", 2).For(1)
}

// live is a change to a live record. Equal arguments make equal changes, in any order of sets.
func live(id string, content int, sets ...string) pipeline.Change {
	sorted := slices.Sorted(slices.Values(sets))
	title := fmt.Sprintf("Title %d of %s", content, id)
	return pipeline.Change{
		Identifier: id, Input: inputOf(id, content), Fingerprint: hash("live", id, content, sorted), Sets: sets,
		Formats: madeOf(content), Rights: []string{"", "https://source.example/terms"}[content%2],
		Origin: pipeline.Origin{
			BaseURL:    []string{"https://source.example/oai", "https://source.example/oai", ""}[content%3],
			Identifier: id[strings.LastIndexByte(id, '/')+1:], Datestamp: fmt.Sprintf("2001-01-%02d", content%28+1),
			Format:     natives[content%len(natives)],
			Harvested:  time.Date(2024, 1, 1, 0, 0, content, 0, time.UTC),
			Provenance: []byte("<originDescription/>"),
		},
		DC:       fmt.Appendf(nil, `{"title":[{"value":%q}]}`, title),
		OAIDC:    fmt.Appendf(nil, "<oai_dc><title>%s</title></oai_dc>", title),
		Original: fmt.Appendf(nil, "<mods><title>%s</title>\x00\xff</mods>", title),
		Rules:    fmt.Sprint("rules ", content%2),
		Notes:    [][]byte{nil, fmt.Appendf(nil, `[{"kind":"warning","text":"%d"}]`, content)}[content%2],
	}
}

// gone is a change to a deleted record. The sets are for a record that was never seen before.
func gone(id string, why pipeline.Reason, sets ...string) pipeline.Change {
	return pipeline.Change{
		Identifier: id, Deleted: why, Input: inputOf(id, -1), Fingerprint: hash("gone", why), Sets: sets,
		Origin: pipeline.Origin{Identifier: id, Harvested: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)},
	}
}
