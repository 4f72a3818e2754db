package webhook

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// TestGuide: the receiver of docs/webhooks.md takes what is signed, applies each state once, and refuses what is not signed.
func TestGuide(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the receiver of the guide can't run: %v", err)
		}
		t.Skipf("there is no Python: %v", err)
	}
	guide, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(guide), "```python\n")
	program, _, found := strings.Cut(program, "```")
	if !found {
		t.Fatal("the guide has no receiver")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"receiver.py": program, "secret": testSecret + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := strconv.Itoa(freeport.Port(t))
	cmd := exec.CommandContext(t.Context(), python, "-u", filepath.Join(dir, "receiver.py"), filepath.Join(dir, "secret"), port)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
	}()
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	w := newWorld(t)
	v := newReceiver(t, t.Cleanup)
	sub := v.sub("hook")
	sub.URL = "http://127.0.0.1:" + port + "/"
	h := open(t, file(t), w.log, sub)
	defer h.Close()
	w.commit("a", live("a", 1, "one"))
	for until := time.Now().Add(time.Minute); stands(t, h).Requests[Delivered] < 3 && time.Now().Before(until); {
		h.rest(t, 100*time.Millisecond)
	}
	if got := <-lines; got != "upserted "+id("a", 1) {
		t.Fatalf("it prints %q", got)
	}
	w.commit("a", gone("a", 1))
	h.rest(t, time.Minute)
	if got := <-lines; got != "deleted "+id("a", 1) {
		t.Errorf("it prints %q", got)
	}
	sub.Name, sub.Secrets = "stranger", [][]byte{[]byte("another secret, of 24 bytes")}
	stranger := open(t, file(t), w.log, sub)
	defer stranger.Close()
	if _, err := stranger.Test(t.Context(), "stranger"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("to a request that is signed with another secret it answers: %v", err)
	}
	sub.Name, sub.Secrets = "changing", append(sub.Secrets, decoded(t))
	changing := open(t, file(t), w.log, sub)
	defer changing.Close()
	if _, err := changing.Test(t.Context(), "changing"); err != nil {
		t.Errorf("to one that both secrets have signed it answers: %v", err)
	}
}
