package app_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

const nginx = "/usr/sbin/nginx" // where Debian's nginx-light has it

// behindNginx puts gateways behind the nginx of deploy/nginx/gateways.conf, with a common address.
func behindNginx(t *testing.T, address string, gateways ...string) {
	t.Helper()
	example, err := os.ReadFile("../../deploy/nginx/gateways.conf")
	if err != nil {
		t.Fatal(err)
	}
	var site strings.Builder
	for line := range strings.Lines(string(example)) {
		if strings.Contains(line, "ssl_certificate") {
			continue
		}
		line = strings.ReplaceAll(line, "listen 443 ssl", "listen "+address)
		for i, g := range gateways {
			line = strings.ReplaceAll(line, fmt.Sprintf("10.0.0.1%d:8080", i+1), g)
		}
		site.WriteString(line)
	}
	dir, user := t.TempDir(), ""
	if os.Geteuid() == 0 {
		user = "user root;" // the folder is nobody else's
	}
	main := fmt.Sprintf("daemon off; master_process off; %s pid pid; error_log stderr; events {}\nhttp { access_log off; include site.conf;\n"+
		"client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5; }\n", user)
	file := filepath.Join(dir, "nginx.conf")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "site.conf"), []byte(site.String()), 0o600), os.WriteFile(file, []byte(main), 0o600)); err != nil {
		t.Fatal(err)
	}
	process(t, nginx, "-p", dir, "-c", file)
	waitFor(t, "nginx to listen", func() bool {
		c, err := net.Dial("tcp", address)
		return err == nil && c.Close() == nil
	})
}

// A passerby asks for something again and again. It takes no answer but the right one.
type passerby struct {
	name   string
	visit  func(context.Context) error
	visits atomic.Int64
	ended  chan error
}

// run asks, when it has a place, until nobody wants it to any more.
func (v *passerby) run(ctx context.Context, places chan struct{}, enough <-chan struct{}) {
	for {
		select {
		case <-enough:
			v.ended <- nil
			return
		case places <- struct{}{}:
		}
		err := v.visit(ctx)
		<-places
		if err != nil {
			v.ended <- fmt.Errorf("%s: %w", v.name, err)
			return
		}
		v.visits.Add(1)
	}
}

// opened visits a page.
func opened(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", url, resp.Status)
		}
		return nil
	}
}

// Two gateways on one log, behind nginx, are upgraded one after the other while records change, harvesters walk, and others follow
// the changes and read pages. Nobody gets an error, each change is in the stream once and in order, and every copy is exact. Both
// versions serve side by side in between.
func TestRollingUpgrade(t *testing.T) {
	need(t, []string{nginx})
	src, b := newProvider(t, 20), newBroker(t)
	b.up(t)
	_, store := onPostgres(t)
	address := freeport.Address(t)
	root := "http://" + address + "/"
	general := fmt.Sprintf("gateway: {name: Two, namespace: test.example.org, contact: test@example.org, url: '%s'}\noai: {page_size: 17}\n%s", root, store)

	// It writes, and does not publish.
	commands := commanded(t, t.TempDir(), fmt.Sprintf("%sevents: {kind: none}\nsources: {src: {kind: oai, from: '%s', overlap: 2s, hold: {deleted: never}}}\n", general, src.url))
	change := func(n int) error {
		for i := range 20 {
			src.put((n*13+i*7)%200, fmt.Sprintf("title %d", n), "a")
		}
		_, err := harvest(t.Context(), commands, "src", false)
		return err
	}
	if err := change(0); err != nil {
		t.Fatal(err)
	}

	type gateway struct {
		*child
		file, public string
	}
	var gateways [2]*gateway
	begin := func(g *gateway, version string) {
		t.Helper()
		g.child = spawn(t, g.file, childDue+"=1", childVersion+"="+version)
	}
	runs := func(g *gateway, version string) {
		t.Helper()
		if _, metrics := fetch(t, g.ops+"metrics", "test"); !strings.Contains(metrics, fmt.Sprintf("version=%q", version)) {
			t.Errorf("a gateway is not of version %s", version)
		}
	}
	for i := range gateways {
		g := &gateway{file: filepath.Join(t.TempDir(), "sheaf.yaml"), public: freeport.Address(t)}
		text := fmt.Sprintf("%s%slisten: {public: '%s', ops: '127.0.0.1:0', trusted_proxies: [127.0.0.1]}\n", general, b.config(), g.public)
		if err := os.WriteFile(g.file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		begin(g, "1.0.0")
		defer func() {
			if g.cmd.ProcessState == nil { // it was not stopped
				g.kill(t)
			}
		}()
		gateways[i] = g
	}
	behindNginx(t, address, gateways[0].public, gateways[1].public)

	followers := []*follower{{}, {last: true}, {set: "src:a"}}
	changed, behind := map[string]bool{}, ""
	wrote := 0
	hear := func(ctx context.Context) error {
		records, next, _, gone, err := changesBehind(ctx, root, behind)
		if gone {
			return errors.New("the cursor was refused")
		}
		for _, r := range records {
			changed[r.Identifier] = true
		}
		behind = next.String()
		return err
	}
	passersby := []*passerby{
		{name: "the source", visit: func(context.Context) error { wrote++; return change(wrote) }},
		{name: "a follower of /changes", visit: hear},
		{name: "a reader", visit: opened(root + "records/src/" + identifier(7))},
		{name: "a feed reader", visit: opened(root + "feed.atom")},
	}
	for _, f := range followers {
		f.copy = map[string]string{}
		passersby = append(passersby, &passerby{name: "a harvester", visit: func(ctx context.Context) error { return f.walk(ctx, root) }})
	}
	// No more of them at once than one gateway does at once on one processor: where requests wait for a turn, a slow machine
	// answers some of them 503, upgrade or not.
	places, enough := make(chan struct{}, 2), make(chan struct{})
	for _, v := range passersby {
		v.ended = make(chan error, 1)
		go v.run(t.Context(), places, enough)
	}
	leave := func() {
		t.Helper()
		close(enough)
		for _, v := range passersby {
			if err := <-v.ended; err != nil {
				t.Error(err)
			}
		}
	}
	// meanwhile waits until everybody has come by again, twice, so that one visit was wholly within the time.
	meanwhile := func(what string) {
		t.Helper()
		for _, v := range passersby {
			for began, deadline := v.visits.Load(), time.Now().Add(3*time.Minute); v.visits.Load() < began+2; time.Sleep(5 * time.Millisecond) {
				if len(v.ended) > 0 || time.Now().After(deadline) {
					leave()
					t.Fatalf("%s no longer came by %s", v.name, what)
				}
			}
		}
	}

	meanwhile("before the upgrade")
	for i, g := range gateways {
		runs(g, "1.0.0")
		g.stop(t)
		meanwhile("with one gateway")
		begin(g, "1.1.0")
		runs(g, "1.1.0")
		meanwhile([]string{"with two versions side by side", "after the upgrade"}[i])
	}
	leave()
	if t.Failed() {
		return
	}

	log := records(t, commands)
	for _, f := range followers {
		if err := f.walk(t.Context(), root); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(served(log, f.set, f.copy), liveness(f.copy)); diff != "" {
			t.Errorf("follower of %q (last page's responseDate: %v): -log +copy\n%s", f.set, f.last, diff)
		}
	}
	if err := hear(t.Context()); err != nil || len(changed) != len(log) {
		t.Errorf("%d records were told of, of %d: %v", len(changed), len(log), err)
	}
	info, err := commands.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "everything to be in the stream", func() bool {
		for _, g := range gateways {
			_, metrics := fetch(t, g.ops+"metrics", "test")
			_, text, _ := strings.Cut(metrics, "\nsheaf_relay_seq ")
			var seq float64
			if _, _ = fmt.Sscan(text, &seq); seq == float64(info.Head.Seq) {
				return true
			}
		}
		return false
	})
	checkStream(t, readStream(t, b.url()), log, info.Head.Epoch)
}
