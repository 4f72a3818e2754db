package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A visitor is somebody with a browser at the ops listener.
type visitor struct {
	t    *testing.T
	base string
	http http.Client
}

func visit(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, strings.TrimSuffix(base, "/"), http.Client{Jar: jar, Timeout: time.Minute}}
}

func (v *visitor) do(r *http.Request) (status int, body string) {
	v.t.Helper()
	resp, err := v.http.Do(r.WithContext(v.t.Context()))
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// see asks for a page, as a browser does.
func (v *visitor) see(path string) (status int, body string) {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodGet, v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	return v.do(r)
}

// send sends a form, from a page of the listener itself, and gives the page that it leads to.
func (v *visitor) send(path string, form url.Values, more ...func(*http.Request)) (status int, body string) {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, f := range more {
		f(r)
	}
	return v.do(r)
}

func (v *visitor) signIn(name, password string) (status int, body string) {
	v.t.Helper()
	return v.send("/sign-in", url.Values{"name": {name}, "password": {password}})
}

var formWord = regexp.MustCompile(`name="form" value="([^"]+)"`)

// word is what goes along with the forms of a page.
func (v *visitor) word(path string) string {
	v.t.Helper()
	_, body := v.see(path)
	found := formWord.FindStringSubmatch(body)
	if found == nil {
		v.t.Fatalf("%s has no form:\n%s", path, body)
	}
	return found[1]
}

// act does something with a fresh form.
func (v *visitor) act(action, page string, form url.Values) (status int, body string) {
	v.t.Helper()
	form.Set("form", v.word(page))
	form.Set("back", page)
	return v.send("/do/"+action, form)
}

func says(t *testing.T, what string, status int, body string, wantStatus int, want string) {
	t.Helper()
	if status != wantStatus || !strings.Contains(body, want) {
		t.Errorf("%s: %d, want %d with %q:\n%s", what, status, wantStatus, want, body)
	}
}

// actions is a gateway with three records, one item in quarantine, and users of all roles.
func actions(t *testing.T) (g *running, dir, token string) {
	t.Helper()
	dir = t.TempDir()
	hash, err := bcrypt.GenerateFromPassword([]byte("a long password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"box.csv": "id,title\n1,SECRET\n2,two\n3,three\n,nobody\n", "box.map": "format csv\ntitle from title\n",
		"users": fmt.Sprintf("rita:%s\nanna:%s\nalma:%s\n", hash, hash, hash),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := configure(t, dir, "events: {kind: none}\nsources: {box: {kind: files, from: box.csv, key: id, mapping: box.map}}\n")
	cfg.Listen.OpsRoles = map[string]string{"anna": config.RoleAct, "alma": config.RoleAdmin}
	g = start(t, cfg, app.Options{})
	g.harvest(t, "box", false)
	b, err := os.ReadFile(filepath.Join(cfg.Data, "ops.token"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(cfg.Data, "ops.token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the token: %v, %v", info, err)
	}
	return g, dir, strings.TrimSpace(string(b))
}

// On loopback everything can be read without a token, and nothing can be done. With the token everything can be done, each
// thing once, and it is written down who did it.
func TestOpsActions(t *testing.T) {
	g, _, token := actions(t)
	v := visit(t, g.Addresses().Ops)
	for _, path := range []string{"/", "/sources/box", "/quarantine", "/records?id=oai:test.example.org:box/2", "/actions", "/audit"} {
		if status, body := v.see(path); status != http.StatusOK || formWord.MatchString(body) || !strings.Contains(body, "Sign in") {
			t.Errorf("%s shows a stranger: %d\n%s", path, status, body)
		}
	}
	status, body := v.send("/do/pause", url.Values{"source": {"box"}})
	says(t, "a stranger", status, body, http.StatusUnauthorized, "Sign in first")
	status, body = v.signIn("mallory", "wrong")
	says(t, "a wrong token", status, body, http.StatusForbidden, "neither the token")
	status, body = v.signIn("ada", token)
	says(t, "the token", status, body, http.StatusOK, "ada (admin)")

	status, body = v.act("pause", "/sources/box", url.Values{"source": {"box"}, "reason": {"they move <house>"}})
	says(t, "pause", status, body, http.StatusOK, "they move &lt;house&gt;")
	status, body = v.act("resume", "/sources/box", url.Values{"source": {"box"}})
	says(t, "resume", status, body, http.StatusOK, "It is harvested again")
	status, body = v.act("harvest", "/sources/box", url.Values{"source": {"box"}, "full": {"1"}})
	says(t, "harvest", status, body, http.StatusOK, "3 unchanged")
	status, body = v.act("harvest", "/sources/box", url.Values{"source": {"nothing"}})
	says(t, "a source that is none", status, body, http.StatusOK, "there is no source")
	status, body = v.act("nothing", "/sources/box", url.Values{})
	says(t, "an action that is none", status, body, http.StatusNotFound, "no such page")
	const first, second = "oai:test.example.org:box/1", "oai:test.example.org:box/2"
	status, body = v.act("withdraw", "/records?id="+second, url.Values{"id": {second}, "reason": {"rights"}})
	says(t, "withdraw", status, body, http.StatusOK, "is hidden")
	status, body = v.act("readmit", "/records?id="+second, url.Values{"id": {second}})
	says(t, "readmit", status, body, http.StatusOK, "is served again")
	status, body = v.act("takedown", "/records?id="+first, url.Values{"id": {first}, "reason": {"a person"}})
	says(t, "without being sure", status, body, http.StatusOK, "be undone")
	status, body = v.act("takedown", "/records?id="+first, url.Values{"id": {first}, "reason": {"a person"}, "sure": {"1"}})
	says(t, "takedown", status, body, http.StatusOK, "is taken down")
	if strings.Contains(body, "SECRET") {
		t.Errorf("the page still has what was taken down:\n%s", body)
	}
	status, body = v.act("backup", "/actions", url.Values{})
	says(t, "backup", status, body, http.StatusOK, "The log is copied to")
	if files, err := filepath.Glob(filepath.Join(g.Config.Data, "backup", "*.db")); err != nil || len(files) != 1 {
		t.Errorf("the backups: %v, %v", files, err)
	}
	status, body = v.act("reload", "/actions", url.Values{})
	says(t, "a reload where there is no file", status, body, http.StatusOK, "nothing is reloaded")
	status, body = v.send("/quality/box/report", nil)
	says(t, "the report for the provider", status, body, http.StatusOK, "Quality of box")
	status, body = visit(t, v.base).send("/quality/box/report", nil)
	says(t, "a stranger's report", status, body, http.StatusUnauthorized, "Sign in first")
	items, err := g.Quarantine(t.Context(), "", 0, 10)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	item := fmt.Sprintf("%d:box", items[0].ID)
	status, body = v.act("retry", "/quarantine", url.Values{"item": {item}})
	says(t, "retry", status, body, http.StatusOK, "could not be used again")
	if items, err = g.Quarantine(t.Context(), "", 0, 10); err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	status, body = v.act("drop", "/quarantine", url.Values{"item": {fmt.Sprintf("%d:box", items[0].ID)}})
	says(t, "drop", status, body, http.StatusOK, "1 item needs nobody")

	entries, err := app.AuditLog(g.Config).Last(100)
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for _, e := range entries {
		if e.Via != audit.ByPages || e.From != "127.0.0.1" || e.Who != "ada" && e.What != audit.Rejected {
			t.Errorf("%+v", e)
		}
		did = append(did, e.What)
	}
	if text := strings.Join(did, " "); text != "drop retry backup takedown readmit withdraw harvest resume pause sign-in sign-in refused" {
		t.Errorf("written down: %s", text)
	}
	status, body = v.see("/audit")
	says(t, "the page", status, body, http.StatusOK, "they move &lt;house&gt;")
	status, body = v.send("/sign-out", nil)
	says(t, "sign out", status, body, http.StatusOK, ">Sign in<")
}

// What another site, or somebody who saw a form, can send does nothing, and a form that is sent twice does its work once.
func TestOpsForms(t *testing.T) {
	g, _, token := actions(t)
	v, other := visit(t, g.Addresses().Ops), visit(t, g.Addresses().Ops)
	v.signIn("ada", token)
	other.signIn("bob", token)
	pause := url.Values{"source": {"box"}, "back": {"https://evil.example/"}}
	paused := func() bool {
		sources, err := g.Sources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return !sources[0].Status.Stop.At.IsZero()
	}
	refused := func(what string, status int, more ...func(*http.Request)) {
		t.Helper()
		if got, body := v.send("/do/pause", pause, more...); got != status || paused() {
			t.Errorf("%s: %d, want %d; paused: %v\n%s", what, got, status, paused(), body)
		}
	}
	refused("without a word", http.StatusConflict)
	pause.Set("form", "AAAA")
	refused("with a wrong word", http.StatusConflict)
	pause.Set("form", other.word("/sources/box"))
	refused("with the word of somebody else", http.StatusConflict)
	pause.Set("form", v.word("/sources/box"))
	refused("from another site", http.StatusForbidden, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	refused("from another origin", http.StatusForbidden, func(r *http.Request) {
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Set("Origin", "https://evil.example")
	})
	refused("too large", http.StatusRequestEntityTooLarge, func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("a", 1<<20))), 1<<20
	})
	if status, body := v.send("/do/pause", pause); status != http.StatusOK || !paused() {
		t.Fatalf("the form itself: %d\n%s", status, body)
	}
	if _, err := g.Resume(t.Context(), "box", "test"); err != nil {
		t.Fatal(err)
	}
	refused("again", http.StatusConflict)

	program := visit(t, g.Addresses().Ops)
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	if status, body := program.send("/do/pause", url.Values{"source": {"box"}}, bearer); status != http.StatusOK || !paused() {
		t.Errorf("a program with the token: %d\n%s", status, body)
	}
	if status, _ := program.send("/do/pause", url.Values{"source": {"box"}}, func(r *http.Request) { r.SetBasicAuth("x", token) }); status != http.StatusConflict {
		t.Errorf("a password that a browser sends along needs a word: %d", status)
	}
	resp, err := http.Post(strings.TrimSuffix(g.Addresses().Ops, "/")+"/sign-in", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"password": {token}, "back": {"//evil.example/"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Request.URL.Host != strings.Split(g.Addresses().Ops, "/")[2] {
		t.Errorf("whoever signs in is sent to %s", resp.Request.URL)
	}
}

// With users nothing is shown to strangers; each user may do what their role allows, and loses the session with the password.
func TestOpsRoles(t *testing.T) {
	dir := t.TempDir()
	hash := func(password string) string {
		h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return string(h)
	}
	users := filepath.Join(dir, "users")
	if err := os.WriteFile(users, []byte("rita:"+hash("r")+"\nanna:"+hash("a")+"\nalma:"+hash("m")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "gateway: {namespace: test.example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0', ops_users_file: users, ops_roles: {anna: act, alma: admin}}\nevents: {kind: none}\n" +
		"sources: {box: {kind: files, from: box.csv, key: id, mapping: box.map}}\n"
	for name, content := range map[string]string{"box.csv": "id,title\n1,one\n", "box.map": "format csv\ntitle from title\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte(text), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g := start(t, cfg, app.Options{})
	g.harvest(t, "box", false)
	base := g.Addresses().Ops
	stranger := visit(t, base)
	status, body := stranger.see("/sources/box")
	says(t, "a stranger", status, body, http.StatusUnauthorized, `name="back" value="/sources/box"`)
	if strings.Contains(body, "Records") && strings.Contains(body, "one") && strings.Contains(body, "Run now") {
		t.Errorf("a stranger sees:\n%s", body)
	}
	if status, _ := page(t, base, "/metrics"); status != http.StatusUnauthorized {
		t.Errorf("a program without a password: %d", status)
	}
	people := map[string]*visitor{}
	for name, password := range map[string]string{"rita": "r", "anna": "a", "alma": "m"} {
		people[name] = visit(t, base)
		if status, body := people[name].signIn(name, password); status != http.StatusOK {
			t.Fatalf("%s: %d\n%s", name, status, body)
		}
	}
	for _, c := range []struct {
		who, action, page string
		form              url.Values
		status            int
	}{
		{"rita", "pause", "/sources/box", url.Values{"source": {"box"}}, http.StatusForbidden},
		{"rita", "approve", "/pending", url.Values{"run": {"1"}}, http.StatusForbidden},
		{"anna", "pause", "/sources/box", url.Values{"source": {"box"}}, http.StatusOK},
		{"anna", "takedown", "/records", url.Values{"id": {"oai:test.example.org:box/1"}, "reason": {"x"}, "sure": {"1"}}, http.StatusForbidden},
		{"anna", "backup", "/actions", url.Values{}, http.StatusForbidden},
		{"alma", "takedown", "/records", url.Values{"id": {"oai:test.example.org:box/1"}, "reason": {"x"}, "sure": {"1"}}, http.StatusOK},
	} {
		v := people[c.who]
		c.form.Set("back", c.page)
		_, shown := v.see("/sources/box")
		if found := formWord.FindStringSubmatch(shown); found != nil {
			c.form.Set("form", found[1])
		} else if c.who != "rita" {
			t.Fatalf("%s sees no form", c.who)
		}
		if status, body := v.send("/do/"+c.action, c.form); status != c.status {
			t.Errorf("%s by %s: %d, want %d\n%s", c.action, c.who, status, c.status, body)
		}
	}
	if rec, err := g.Record(t.Context(), "oai:test.example.org:box/1"); err != nil || rec.Deleted != pipeline.Takedown {
		t.Errorf("%+v, %v", rec, err)
	}
	for needed, actions := range map[string]string{"act": "harvest pause resume cancel approve refuse retry drop", "admin": "takedown withdraw readmit reload backup"} {
		for action := range strings.FieldsSeq(actions) {
			status, body := people["rita"].send("/do/"+action, url.Values{})
			says(t, action+" by a reader", status, body, http.StatusForbidden, "You have the role read; this needs "+needed)
			if needed == "admin" {
				status, body = people["anna"].act(action, "/sources/box", url.Values{})
				says(t, action+" by who may act", status, body, http.StatusForbidden, "You have the role act; this needs admin")
			}
		}
	}
	// A new password ends the sessions that rest on the old one, and nobody else's.
	if err := os.WriteFile(users, []byte("rita:"+hash("r")+"\nanna:"+hash("new")+"\nalma:"+hash("m")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(users, later, later); err != nil {
		t.Fatal(err)
	}
	if status, _ := people["anna"].see("/"); status != http.StatusUnauthorized {
		t.Errorf("the old password's session: %d", status)
	}
	if status, body := people["anna"].signIn("anna", "new"); status != http.StatusOK {
		t.Errorf("the new password: %d\n%s", status, body)
	}
	// Somebody guesses passwords, and is stopped; a program that has the right one goes on.
	guesser := visit(t, base)
	stopped := false
	for i := range 10 {
		status, _ := guesser.signIn("alma", fmt.Sprint(i))
		stopped = stopped || status == http.StatusTooManyRequests
	}
	if !stopped {
		t.Error("ten guesses in a row were all answered")
	}
}
