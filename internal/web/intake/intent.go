package intake

import (
	"context"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An intent is what a request asks for.
type intent struct {
	source   *Source
	key      string // of the one record; empty for a document
	complete bool   // what is sent is everything
	charset  string
	tabs     bool
}

// Prefix is where the addresses of this package begin.
const Prefix = "/push/"

// admit reads what a request asks for, before its body is.
func (d *Door) admit(r *http.Request) (*intent, *refusal) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), Prefix), "/") // as it was sent: a key may hold slashes and dots
	in := &intent{}
	var refused *refusal
	if in.source, refused = d.authorize(r, name); refused != nil {
		return nil, refused
	}
	key, err := url.PathUnescape(rest)
	if err != nil {
		return nil, refusedFor(http.StatusBadRequest, "the address is not well-formed", "Escape what is no letter in the identifier: curl … /push/"+name+"/a%20b.")
	}
	in.key = key
	for _, look := range []func(*http.Request) *refusal{in.checkMethod, in.checkKey(d.Namespace), in.checkQuery, in.checkType} {
		if refused := look(r); refused != nil {
			return nil, refused
		}
	}
	return in, nil
}

func (in *intent) checkMethod(r *http.Request) *refusal {
	allowed := []string{http.MethodPut, http.MethodPost}
	if in.key != "" {
		allowed = []string{http.MethodPut, http.MethodDelete}
	}
	if slices.Contains(allowed, r.Method) {
		return nil
	}
	f := refusedFor(http.StatusMethodNotAllowed, "the method "+r.Method+" is not for this address", "PUT or POST a document to /push/SOURCE, PUT one record to /push/SOURCE/IDENTIFIER, or DELETE it there.")
	f.allow = strings.Join(allowed, ", ")
	return f
}

func (in *intent) checkKey(namespace string) func(*http.Request) *refusal {
	return func(*http.Request) *refusal {
		if in.key == "" {
			return nil
		}
		if _, err := in.source.Mint(namespace, in.key); err != nil {
			return refusedFor(http.StatusBadRequest, "no record can have this identifier: "+err.Error(), "Give the record another one.")
		}
		return nil
	}
}

func (in *intent) checkQuery(r *http.Request) *refusal {
	query, err := url.ParseQuery(r.URL.RawQuery)
	for name, values := range query {
		switch {
		case name != "complete" || len(values) != 1:
			err = fmt.Errorf("%q is no argument", name)
		case values[0] == "true" || values[0] == "1":
			in.complete = true
		case values[0] != "false" && values[0] != "0":
			err = fmt.Errorf("complete is neither true nor false")
		}
	}
	switch {
	case err != nil:
		return refusedFor(http.StatusBadRequest, "the query can't be read: "+err.Error(), "The one argument that there is: complete=true says that a document holds everything that the source has.")
	case in.complete && in.key != "":
		return refusedFor(http.StatusBadRequest, "one record is not everything that a source has", "complete=true is for documents: /push/"+in.source.Name+"?complete=true.")
	}
	return nil
}

// checkType takes what is useful of the Content-Type. What a document is, its bytes say; but of some types none can be read.
func (in *intent) checkType(r *http.Request) *refusal {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil // as good as none
	}
	in.charset, in.tabs = params["charset"], kind == "text/tab-separated-values"
	family, _, _ := strings.Cut(kind, "/")
	if slices.Contains([]string{"multipart", "image", "audio", "video", "font"}, family) || kind == "application/pdf" {
		return refusedFor(http.StatusUnsupportedMediaType, "a body of the type "+kind+" holds no records", "Send the file itself: curl -T FILE.")
	}
	return nil
}

// knows makes sure that the log has a record that is to be deleted: a slip in an address must not make a tombstone.
func (d *Door) knows(ctx context.Context, in *intent) *refusal {
	id, err := in.source.Mint(d.Namespace, in.key)
	if err != nil {
		return refusedFor(http.StatusBadRequest, err.Error(), "")
	}
	known, err := d.Log.Known(ctx, []pipeline.Ask{{Identifier: id}})
	switch {
	case err != nil:
		d.Logger.Error("a record can't be looked up", "source", in.source.Name, "err", err)
		return refusedFor(http.StatusInternalServerError, "the log can't be read", "Send it again later; the gateway's log says more.")
	case known[0].Identifier == "":
		return refusedFor(http.StatusNotFound, "there is no record "+id, "Nothing was done. The identifier is the one with which the record was sent.")
	}
	return nil
}

// deletion delivers that a record is gone.
func (in *intent) deletion() *push.Delivery {
	return in.one("deletion", harvest.Item{Key: in.key, Deleted: true})
}

func (in *intent) one(id string, item harvest.Item) *push.Delivery {
	return &push.Delivery{ID: id, Pages: func(yield func(*harvest.Page, error) bool) {
		yield(&harvest.Page{Items: []harvest.Item{item}}, nil)
	}}
}

// delivery delivers the records of a body.
func (in *intent) delivery(b *body) (*push.Delivery, *refusal) {
	id := hex.EncodeToString(b.sum[:6])
	pages, err := in.source.Pages(&push.Document{
		Name: "push " + id, Content: b, Size: b.size, Charset: in.charset, Tabs: in.tabs, Named: in.key != "",
	})
	if err != nil {
		return nil, refusedFor(http.StatusInternalServerError, err.Error(), "")
	}
	if in.key == "" {
		return &push.Delivery{ID: id, Pages: pages, Full: in.complete}, nil
	}
	var items []harvest.Item
	for page, err := range pages {
		if err != nil {
			return nil, refusedFor(http.StatusBadRequest, err.Error(), "")
		}
		if items = append(items, page.Items...); len(items) > 1 {
			break
		}
	}
	if refused := in.checkOne(items); refused != nil {
		return nil, refused
	}
	items[0].Key = in.key
	return in.one(id, items[0]), nil
}

// fileEndings are those of files that hold records. curl appends the name of the file to an address that ends in a slash,
// so that an identifier which looks like one may be none.
var fileEndings = []string{".mrc", ".marc", ".mrk", ".xml", ".marcxml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".ods", ".zip", ".gz", ".zst", ".tgz", ".tar"}

// checkOne makes sure that what was sent to the address of a record is one record.
func (in *intent) checkOne(items []harvest.Item) *refusal {
	file := slices.Contains(fileEndings, strings.ToLower(path.Ext(in.key)))
	advice := "Send a document with many records to /push/" + in.source.Name + ", where each has the identifier that it brings."
	if file {
		advice = "If " + path.Base(in.key) + " is the name of the file, which curl appends to an address that ends in a slash, leave the slash out: curl -T " + path.Base(in.key) + " …/push/" + in.source.Name
	}
	switch {
	case len(items) == 0:
		return refusedFor(http.StatusUnprocessableEntity, "the body holds no record", "Nothing was stored. DELETE says that a record is gone.")
	case len(items) > 1:
		return refusedFor(http.StatusUnprocessableEntity, "the address is that of one record, and the body holds more", advice)
	case file && items[0].Rejected == nil && items[0].Key != "" && items[0].Key != in.key:
		return refusedFor(http.StatusBadRequest, fmt.Sprintf("the address names the record %q, and the record calls itself %q", in.key, items[0].Key), advice)
	}
	return nil
}
