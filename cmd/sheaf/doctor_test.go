package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

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
	if r := want(t, exitDone, "doctor"); !strings.Contains(r.stdout, "ok   log: it is whole") {
		t.Errorf("says %s", r.stdout)
	}
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
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		status, body := answered(t, ops+"readyz")
		if status == http.StatusServiceUnavailable && strings.Contains(body, "sheaf doctor") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a gateway on a damaged log: /readyz %d %s", status, body)
		}
	}
}
