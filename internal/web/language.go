package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

// langParameter names the language of a page in its address, where a reader has chosen one.
const langParameter = "lang"

// language is the one of the reader; chosen says that it is in the address. Otherwise the page depends on what the browser
// asks for, and the header of the answer says so.
func (f *Frame) language(h http.Header, r *http.Request) (l *words.Language, chosen bool) {
	if len(f.languages) == 1 {
		return f.languages[0], false
	}
	if code := r.URL.Query().Get(langParameter); code != "" {
		for _, l := range f.languages {
			if l.Code == code {
				return l, true
			}
		}
	}
	h.Add("Vary", "Accept-Language")
	return words.Accepted(f.languages, r.Header.Get("Accept-Language")), false
}

// An inLanguage is a page in a language, for a link.
type inLanguage struct {
	*words.Language
	Path string
}

// others are the same page, with all that its address says, in the other languages.
func (f *Frame) others(r *http.Request, l *words.Language) (out []inLanguage) {
	query := withoutLanguage(r.URL.RawQuery)
	for _, other := range f.languages {
		if other != l {
			out = append(out, inLanguage{other, "?" + with(query, other)})
		}
	}
	return out
}

// with is a query that asks for a language.
func with(query string, l *words.Language) string {
	if query != "" {
		query += "&"
	}
	return query + langParameter + "=" + l.Code
}

// withoutLanguage leaves the other parameters of a query as they are.
func withoutLanguage(query string) string {
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(parameter, "="); name != langParameter && parameter != "" {
			kept = append(kept, parameter)
		}
	}
	return strings.Join(kept, "&")
}

// carry is the address of a page in a language; any other address stays as it is.
func (f *Frame) carry(to string, l *words.Language) string {
	path, local := strings.CutPrefix(to, f.Root)
	u, err := url.Parse(path)
	if !local || err != nil || u.IsAbs() || u.Host != "" || !f.isPage(u.Path) {
		return to
	}
	u.RawQuery = with(withoutLanguage(u.RawQuery), l)
	return f.Root + u.String()
}

func (f *Frame) isPage(path string) bool {
	for _, p := range f.pages {
		if path == p || p != "/" && strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// carryAll puts the language that the reader has chosen into the links and forms of a page, so that it stays chosen.
func (f *Frame) carryAll(page []byte, l *words.Language) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(page)+len(page)/8))
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		if z.Next() == html.ErrorToken { // the end
			return out.Bytes()
		}
		raw := z.Raw()
		switch t := startTag(raw); t {
		case "<a ":
			token := z.Token()
			for i, a := range token.Attr {
				if a.Key == "href" {
					token.Attr[i].Val = f.carry(a.Val, l)
				}
			}
			out.WriteString(token.String())
		case "<form ":
			out.Write(raw)
			out.WriteString(`<input type="hidden" name="` + langParameter + `" value="` + l.Code + `">`)
		default:
			out.Write(raw)
		}
	}
}

// startTag is how a piece of a page begins, if it is the start of a link or of a form.
func startTag(raw []byte) string {
	for _, tag := range []string{"<a ", "<form "} {
		if bytes.HasPrefix(raw, []byte(tag)) {
			return tag
		}
	}
	return ""
}
