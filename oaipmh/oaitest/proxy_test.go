package oaitest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A proxy stands before a good repository and changes what passes.
type proxy struct {
	ask    func(v url.Values)                             // changes a request
	answer func(v url.Values, body string) string         // changes an answer
	head   func(v url.Values, h http.Header) (status int) // changes its header; 0 leaves the status
}

func (p proxy) before(good http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		v := r.Form
		sent, _ := url.ParseQuery(v.Encode())
		if p.ask != nil {
			p.ask(sent)
		}
		inner, _ := http.NewRequest(http.MethodGet, sampleURL+"?"+sent.Encode(), http.NoBody)
		res, err := oaitest.Transport(good).RoundTrip(inner)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		var b strings.Builder
		buf := make([]byte, 1<<20)
		for {
			n, err := res.Body.Read(buf)
			b.Write(buf[:n])
			if err != nil {
				break
			}
		}
		body := b.String()
		if p.answer != nil {
			body = p.answer(v, body)
		}
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		if p.head != nil {
			if status := p.head(v, w.Header()); status != 0 {
				w.WriteHeader(status)
			}
		}
		w.Write([]byte(body))
	})
}

// all replaces a pattern in the answers to some verbs; to all if none are named.
func all(pattern, by string, verbs ...string) func(url.Values, string) string {
	p := regexp.MustCompile(pattern)
	return func(v url.Values, body string) string {
		if len(verbs) > 0 && !slices.Contains(verbs, v.Get("verb")) {
			return body
		}
		return p.ReplaceAllString(body, by)
	}
}

// What breaks an answer in the ways of proxies, programs and people is found, once, by the check that it belongs to. None
// of these is played by Hostile.
func TestProxies(t *testing.T) {
	for name, c := range map[string]struct {
		p    proxy
		want string // checks that find something, in the order of the report
	}{
		"compression is not listed, and not served":   {proxy{answer: all("<compression>.*</compression>\n*", "", "Identify")}, ""},
		"no repositoryName":                           {proxy{answer: all("<repositoryName>.*</repositoryName>\n*", "", "Identify")}, "identify"},
		"status is deleted, with spaces":              {proxy{answer: all(`status="deleted"`, `status=" deleted"`)}, "status"},
		"datestamps with offset":                      {proxy{answer: all(`Z</datestamp>`, `+01:00</datestamp>`)}, "datestamp-form"},
		"datestamps with a blank":                     {proxy{answer: all(`(<datestamp>\d{4}-\d\d-\d\d)T`, `$1 `)}, "datestamp-form"},
		"metadata of deleted records is empty":        {proxy{answer: all(`(<header status="deleted">(?s:.*?)</header>)`, "$1<metadata/>", "ListRecords", "GetRecord")}, "deleted-header-only"},
		"a record without metadata element's content": {proxy{answer: all(`<metadata>.*?</metadata>`, "<metadata></metadata>", "ListRecords", "GetRecord")}, "metadata-present"},
		"ListIdentifiers gives whole records": {proxy{answer: func(v url.Values, body string) string {
			if v.Get("verb") == "ListIdentifiers" {
				body = strings.NewReplacer("<header", "<record><header", "</header>", "</header></record>").Replace(body)
			}
			return body
		}}, "structure"},
		"a comma after the token":             {proxy{answer: all(`(<resumptionToken[^>]*>[^<]+)<`, "${1},x<")}, "token-continues"},
		"errors without a code":               {proxy{answer: all(`<error code="\w+">`, "<error>")}, "structure"},
		"errors as text":                      {proxy{answer: all(`<error code=.*</error>`, "Something is wrong.")}, "structure"},
		"a namespace with a slash less":       {proxy{answer: all(`xmlns="http://www.openarchives.org/OAI/2.0/"`, `xmlns="http://www.openarchives.org/OAI/2.0"`)}, "namespace"},
		"answers are application/xml":         {proxy{head: func(_ url.Values, h http.Header) int { h.Set("Content-Type", "application/xml"); return 0 }}, "content-type"},
		"no Content-Type at all":              {proxy{head: func(_ url.Values, h http.Header) int { h["Content-Type"] = nil; return 0 }}, "content-type"},
		"responseDate an hour and a half ago": {proxy{answer: all(`<responseDate>....`, "<responseDate>2025")}, "response-date-clock"},
		"responseDate in words":               {proxy{answer: all(`<responseDate>.*<`, "<responseDate>today<")}, "response-date"},
		"request over http":                   {proxy{answer: all(`(<request[^>]*>)http:`, "${1}https:")}, "request-base-url"},
		"set is not looked at":                {proxy{ask: func(v url.Values) { v.Del("set") }}, "set-list"},
		"from and until swapped": {proxy{ask: func(v url.Values) {
			f, u := v.Get("from"), v.Get("until")
			if v.Del("from"); u != "" {
				v.Set("from", u)
			}
			if v.Del("until"); f != "" {
				v.Set("until", f)
			}
		}}, "window-from window-until"},
		"ListSets lists a set twice": {proxy{answer: func(v url.Values, body string) string {
			s := regexp.MustCompile(`(?s)<set>.*?</set>\s*`).FindString(body)
			return strings.Replace(body, s, s+s, 1)
		}}, "sets"},
		"the last page is lost": {proxy{answer: func(v url.Values, body string) string {
			if v.Get("verb") == "ListRecords" && v.Get("resumptionToken") != "" {
				body = regexp.MustCompile(`<resumptionToken.*</resumptionToken>`).ReplaceAllString(body, "<resumptionToken/>")
			}
			return body
		}}, "identifiers-agree"},
		"identifiers with a space": {proxy{answer: all(`oai:sample.example.org:0`, "oai:sample.example.org: 0"), ask: func(v url.Values) {
			if id := v.Get("identifier"); id != "" {
				v.Set("identifier", strings.Replace(id, ": 0", ":0", 1))
			}
		}}, "identifier-uri"},
		"identifiers with a bare percent": {proxy{answer: all(`oai:sample.example.org:0`, "oai:sample.example.org:100%-0"), ask: func(v url.Values) {
			if id := v.Get("identifier"); id != "" {
				v.Set("identifier", strings.Replace(id, "100%-0", "0", 1))
			}
		}}, "identifier-uri"},
		"GetRecord gives another record": {proxy{ask: func(v url.Values) {
			if v.Get("verb") == "GetRecord" && strings.Contains(v.Get("identifier"), "sample") {
				v.Set("identifier", oaitest.SampleIdentifier(2))
			}
		}}, "get-listed"},
		"oai_dc in another namespace": {proxy{answer: all(`http://www.openarchives.org/OAI/2.0/oai_dc/`, "http://purl.org/oai_dc/", "ListRecords", "GetRecord")}, "metadata-namespace"},
		"terms in oai_dc":             {proxy{answer: all(`</oai_dc:dc>`, `<t:issued xmlns:t="http://purl.org/dc/terms/">1900</t:issued></oai_dc:dc>`)}, "oai-dc-elements"},
		"a token on every last page":  {proxy{answer: all(`<resumptionToken[^>]*/>`, "<resumptionToken>again</resumptionToken>")}, "token-continues"},
		"cursor counts from one":      {proxy{answer: all(`cursor="0"`, `cursor="1"`)}, "cursor"},
		"completeListSize in words":   {proxy{answer: all(` cursor=`, ` completeListSize="many" cursor=`)}, "list-size"},
		"500 for what is not there": {proxy{head: func(v url.Values, _ http.Header) int {
			if strings.Contains(v.Get("identifier"), "invalid") {
				return http.StatusInternalServerError
			}
			return 0
		}}, "http-status"},
		"a stylesheet, as there may be":   {proxy{answer: all(`<OAI-PMH`, `<?xml-stylesheet type="text/xsl" href="/oai.xsl"?><OAI-PMH`)}, ""},
		"white space around values":       {proxy{answer: all(`<(identifier|datestamp|earliestDatestamp|baseURL)>([^<]*)<`, "<$1>\n  $2\n<")}, ""},
		"attributes in single quotes":     {proxy{answer: all(`(cursor|code|verb)="(\w*)"`, `$1='$2'`)}, ""},
		"a fault of one record of a page": {proxy{answer: all(`Paper 12 `, "Paper \x02 12 ")}, "well-formed"},
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, func(t *testing.T) {
				good, err := oaipmh.NewHandler(oaitest.Sample(35), oaipmh.Options{BaseURL: sampleURL, PageSize: 10, Keys: [][]byte{make([]byte, 16)}})
				if err != nil {
					t.Fatal(err)
				}
				r, err := oaitest.Check(t.Context(), sampleURL, oaitest.Options{Client: &http.Client{Transport: oaitest.Transport(c.p.before(good))}, Delay: -1})
				if err != nil {
					t.Fatal(err)
				}
				got := slices.DeleteFunc(found(r), func(name string) bool { return name == "compression-served" }) // the proxy unpacks
				if got := strings.Join(got, " "); got != c.want {
					t.Errorf("found by %q, not %q\n%s", got, c.want, text(t, r))
				}
			})
		})
	}
}
