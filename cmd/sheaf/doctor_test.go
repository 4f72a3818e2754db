package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/doctor"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
)

// TestDoctor: a whole folder, beside a gateway and without one; a clock that can't be trusted; a damaged log,
// which a gateway serves as far as it is whole and is not ready with.
func TestDoctor(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig, "letters.txt": "1 May 1957\nA letter\n\n2 May 1957\nAnother letter\n"})
	clock := storetest.NewClock()
	clock.Set(-3 * 24 * time.Hour)
	_, stop := gatewayWith(t, clock)
	want(t, exitDone, "harvest", "letters")
	holds(t, "a whole folder", want(t, exitDone, "doctor").stdout, "ok   folder: ", "ok   permissions: ", "ok   clock: ", "ok   versions: ", "ok   ports: ", "ok   events: ",
		"ok   backups: the configuration has none made", "ok   certificates: ", "ok   sources' certificates: ", "ok   log: it is whole")
	clock.Set(3 * 24 * time.Hour)
	if r := want(t, exitLook, "doctor"); !strings.Contains(r.stdout, "LOOK clock: ") {
		t.Errorf("says %s", r.stdout)
	}
	stop()

	conn, err := sqlite.OpenConn(filepath.Join("sheaf-data", "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlitex.ExecuteTransient(conn, "UPDATE record SET oai_dc = CAST(x'3cff3e' AS BLOB)", nil); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if r := want(t, exitFailed, "doctor"); !strings.Contains(r.stdout, "LOOK log: ") || !strings.Contains(r.stdout, "restore a backup") {
		t.Errorf("says %s", r.stdout)
	}
	clock.Set(-3 * 24 * time.Hour)
	g, stop := gatewayWith(t, clock)
	defer stop()
	public, ops := g.Addresses().Public, g.Addresses().Ops
	if status, body := answered(t, public+"oai?verb=ListRecords&metadataPrefix=oai_dc"); status == http.StatusOK || strings.Contains(body, "\xff") {
		t.Errorf("a damaged record is served: %d %q", status, body)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		status, body := answered(t, ops+"readyz")
		if status == http.StatusServiceUnavailable && strings.Contains(body, "sheaf doctor") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a gateway on a damaged log: /readyz %d %s", status, body)
		}
	}
}

// What is around the log: an address that is taken, a folder that is open, a gateway that is not the installed program,
// copies that should be there. Each says what to do, beside a gateway and without one.
func TestDoctorAround(t *testing.T) {
	taken, err := net.Listen("tcp", freeport.Address(t)) // where the gateway listens later
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	folder(t, map[string]string{
		"sheaf.yaml":  strings.Replace(clockConfig, "public: '127.0.0.1:0'", "public: '"+taken.Addr().String()+"'", 1) + "backup: {to: copies}\n",
		"letters.txt": "1 May 1957\nA letter\n",
	})
	want(t, exitDone, "harvest", "letters")
	holds(t, "before", want(t, exitLook, "doctor").stdout, "LOOK ports: listen.public: another program listens at ", "LOOK backups: there is no copy at ", "sheaf backup makes one")
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, exitDone, "backup")
	p := begin(t, "serve")
	p.line(t, "ops") // it has started: one that is stopped before says that it could not
	holds(t, "beside a gateway", untilDoctor(t, "ok   ports: the gateway answers at "+taken.Addr().String()), "ok   backups: 1 at ", "ok   versions: ")
	if err := os.Chmod("sheaf-data", 0o755); err != nil {
		t.Fatal(err)
	}
	holds(t, "an open folder", want(t, exitLook, "doctor").stdout, "LOOK permissions: every user", "chmod o= ")
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
}

// A stream is held against the log by the gateway that publishes to it; a program that was replaced and not restarted is
// told from the one that is installed.
func TestDoctorStream(t *testing.T) {
	folder(t, map[string]string{
		"sheaf.yaml":  strings.Replace(clockConfig, "{kind: none}", "{kind: embedded, listen: '127.0.0.1:0'}", 1),
		"letters.txt": "1 May 1957\nA letter\n",
	})
	want(t, exitDone, "harvest", "letters")
	holds(t, "without a gateway", want(t, exitDone, "doctor").stdout, "ok   events: the stream is held against the log while the gateway runs")
	p := begin(t, "serve")
	untilDoctor(t, "ok   events: the stream has everything up to 1, and the log ends at 1")
	client, err := control.NewClient("sheaf-data", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var advice string
	if err := client.Doctor(t.Context(), "9.9.9", func(f *doctor.Finding) error {
		if f.Check == "versions" {
			advice = f.Advice
		}
		return nil
	}); err != nil || !strings.Contains(advice, "this command is sheaf 9.9.9; restart the gateway") {
		t.Errorf("%v; advises %s", err, advice)
	}
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
}

// untilDoctor asks the doctor until he says something.
func untilDoctor(t *testing.T, says string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if r := sheaf(t, "doctor"); strings.Contains(r.stdout, says) {
			return r.stdout
		} else if time.Now().After(deadline) {
			t.Fatalf("not %q: %s%s", says, r.stdout, r.stderr)
		}
	}
}
