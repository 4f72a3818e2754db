package oaipmh

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/url"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle string
)

// pagePolicy lets a page for people load nothing but its own style sheet. So no metadata can make the page run a
// script or call another server.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(pageStyle) },
	"date":  Second.Format,
	"link":  link,
	"plus":  func(a int64, b int) int64 { return a + int64(b) },
	"deletions": func(i *Identity) string {
		switch i.deletedRecord() {
		case No:
			return "not announced: a record that is deleted just disappears"
		case Transient:
			return "announced for some time"
		}
		return "announced for ever"
	},
}).Parse(pageSource))

// link makes a relative URL of names and values. A name whose value is empty is left out.
func link(pairs ...string) string {
	v := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return "?" + v.Encode()
}
