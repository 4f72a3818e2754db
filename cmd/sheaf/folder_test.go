package main

import (
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
)

// TestFolderTakenAway: a gateway whose data folder is removed says so, and is not ready.
func TestFolderTakenAway(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig, "letters.txt": "1 May 1957\nA letter\n"})
	g, stop := gatewayWith(t, storetest.NewClock())
	defer stop()
	want(t, exitDone, "harvest", "letters")
	if status, body := answered(t, g.Addresses().Ops+"readyz"); status != http.StatusOK {
		t.Fatalf("/readyz: %d %s", status, body)
	}
	if err := os.Rename("sheaf-data", "elsewhere"); err != nil {
		t.Fatal(err)
	}
	if status, body := answered(t, g.Addresses().Ops+"readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "put the folder back") {
		t.Errorf("/readyz: %d %s", status, body)
	}
	if _, body := answered(t, g.Addresses().Ops+"metrics"); !strings.Contains(body, "\nsheaf_store_trouble 1\n") {
		t.Error("the metric does not say that there is trouble")
	}
	if err := os.Rename("elsewhere", "sheaf-data"); err != nil {
		t.Fatal(err)
	}
	if status, body := answered(t, g.Addresses().Ops+"readyz"); status != http.StatusOK {
		t.Errorf("put back: /readyz: %d %s", status, body)
	}
}

// TestServeWaitsForCommand: a gateway that is started while a command has the folder open.
func TestServeWaitsForCommand(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig})
	cfg, err := config.Load("sheaf.yaml", app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	command, err := app.Open(t.Context(), cfg, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	said := output{}
	waiting := make(chan struct{})
	go func() {
		<-waiting
		if err := command.Close(); err != nil {
			t.Error(err)
		}
	}()
	log := slog.New(slog.NewTextHandler(first{&said, waiting, new(sync.Once)}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g, err := app.NewGateway(t.Context(), cfg, app.Options{Logger: log, Idle: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// first tells when something is written.
type first struct {
	*output
	told chan struct{}
	once *sync.Once
}

func (f first) Write(b []byte) (int, error) {
	f.once.Do(func() { close(f.told) })
	return f.output.Write(b)
}
