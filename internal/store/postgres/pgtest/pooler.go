package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A Pooler is a pgbouncer in transaction mode before a server.
type Pooler struct {
	server *Server
	dir    string
}

// Pool starts a pooler with so many connections to each database, until the test is over. It skips the test where pgbouncer is
// missing, unless CI is set.
func (s *Server) Pool(t *testing.T, connections int) *Pooler {
	t.Helper()
	bin, err := exec.LookPath("pgbouncer")
	if err != nil {
		if bin = "/usr/sbin/pgbouncer"; !isFile(bin) && os.Getenv("CI") == "" {
			t.Skip("pgbouncer is not installed (on Debian: apt-get install pgbouncer)")
		}
	}
	p := &Pooler{server: s}
	if p.dir, err = os.MkdirTemp("", "pooler"); err != nil { // the path of a socket is short
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(p.dir) })
	settings := fmt.Sprintf(`[databases]
* = host=%s
[pgbouncer]
listen_addr =
unix_socket_dir = %s
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = %d
max_client_conn = 1000
server_idle_timeout = 2
`, s.dir, p.dir, filepath.Join(p.dir, "users"), connections)
	for name, text := range map[string]string{"pgbouncer.ini": settings, "users": `"sheaf" ""` + "\n"} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if s.as != nil {
		if err := os.Chown(p.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(bin, filepath.Join(p.dir, "pgbouncer.ini"))
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("unix", p.Socket())
		if err == nil {
			c.Close()
			return p
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("pgbouncer does not listen: %v: %s", err, said)
		}
	}
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Socket is where the pooler listens.
func (p *Pooler) Socket() string { return filepath.Join(p.dir, ".s.PGSQL.6432") }

// DSN says how to connect through the pooler to a database of its server.
func (p *Pooler) DSN(d *Database) string {
	return fmt.Sprintf("host=%s port=6432 user=sheaf dbname=%s", p.dir, d.Name)
}
