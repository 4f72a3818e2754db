// Package pgtest runs a PostgreSQL server for tests: one for each test binary, in a temporary folder, on a Unix socket alone.
// It stores nothing else.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is that of this test binary.
var server struct {
	sync.Mutex
	running *Server
	err     error
}

// Main runs the tests of a package, and ends the server that they have used. It is for TestMain, and returns the exit status.
func Main(m *testing.M) int {
	status := m.Run()
	server.Lock()
	defer server.Unlock()
	if server.running != nil {
		server.running.Remove()
	}
	return status
}

var databases atomic.Int64

// NewDatabase makes an empty database, which is removed when the test is over. It skips the test where PostgreSQL is missing,
// unless CI is set.
func NewDatabase(t *testing.T) *Database {
	t.Helper()
	server.Lock()
	if server.running == nil && server.err == nil {
		server.running, server.err = Start("fsync=off") // only a power cut would need it
	}
	s, err := server.running, server.err
	server.Unlock()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.NewDatabase(t)
}

// NewDatabase makes an empty database on the server.
func (s *Server) NewDatabase(t *testing.T) *Database {
	t.Helper()
	d := &Database{server: s, Name: fmt.Sprintf("t%d", databases.Add(1))}
	if err := s.Exec("CREATE DATABASE " + d.Name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Exec("DROP DATABASE IF EXISTS " + d.Name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return d
}

// ErrMissing says that there is no PostgreSQL on this machine.
var ErrMissing = errors.New("PostgreSQL is not installed (on Debian: apt-get install postgresql)")

// binariesOf, in the environment, is the folder of the programs of another PostgreSQL than the machine's: of the release in
// newest, for example.
const binariesOf = "SHEAF_TEST_POSTGRES"

// binaries finds the newest PostgreSQL of the machine, or the one that is named.
func binaries() (string, error) {
	if named := os.Getenv(binariesOf); named != "" {
		return filepath.Abs(named)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errors.Join(ErrMissing, err)
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// A Server is a PostgreSQL in a temporary folder.
type Server struct {
	bin, dir string
	as       *syscall.Credential // nil: the present user
	settings []string
	process  *exec.Cmd
	exited   chan struct{}
}

// Start makes a server, and runs it. Each setting is one of PostgreSQL's: name=value.
func Start(settings ...string) (s *Server, err error) {
	s = &Server{settings: settings}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "pgtest"); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 { // as whom PostgreSQL does not run
		if s.as, err = nobody(); err != nil {
			return nil, err
		}
		if err := os.Chown(s.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "sheaf", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	s.prepare(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return s, s.Run()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// nobody is the user without rights.
func nobody() (*syscall.Credential, error) {
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func (s *Server) prepare(c *exec.Cmd) {
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Pdeathsig: syscall.SIGQUIT}
}

// Run runs the server, after [Start] or [Server.Kill], until it answers.
func (s *Server) Run() error {
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=64MB"}
	for _, set := range s.settings {
		args = append(args, "-c", set)
	}
	started := make(chan error)
	s.exited = make(chan struct{})
	go func() { // on a thread that lives as long as the server, which would end with it
		runtime.LockOSThread()
		defer close(s.exited)
		s.process = exec.Command(filepath.Join(s.bin, "postgres"), args...)
		s.prepare(s.process)
		log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			started <- err
			return
		}
		defer log.Close()
		s.process.Stdout, s.process.Stderr = log, log
		err = s.process.Start()
		started <- err
		if err == nil {
			_ = s.process.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	for deadline := time.Now().Add(60 * time.Second); ; {
		err := s.Exec("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			said, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("PostgreSQL has ended: %s", said)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		}
	}
}

// Kill ends the server as pg_ctl -m immediate does: nothing is tidied up.
func (s *Server) Kill() error {
	err := s.process.Process.Signal(syscall.SIGQUIT)
	<-s.exited
	return err
}

// Follow has a program of PostgreSQL's follow the server's write-ahead log as a replica does, until the test is over.
func (s *Server) Follow(t *testing.T) {
	t.Helper()
	dir := filepath.Join(s.dir, "followed")
	mkdir := exec.Command("mkdir", "-p", dir) // as whom the server runs
	s.prepare(mkdir)
	if out, err := mkdir.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := exec.Command(filepath.Join(s.bin, "pg_receivewal"), "-D", dir, "-h", s.dir, "-U", "sheaf", "--no-sync")
	s.prepare(c)
	c.SysProcAttr.Pdeathsig = 0 // it would end with the thread; it ends with the server at the latest
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
}

// Replicate makes a replica of the server, which follows it until the test is over. Commits wait for no replica, unless a setting of the
// server says so; name is what it is called there.
func (s *Server) Replicate(t *testing.T, name string) *Server {
	t.Helper()
	r, err := s.NewReplica(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Remove)
	return r
}

// NewReplica is [Server.Replicate] outside tests: the replica follows until it is removed.
func (s *Server) NewReplica(name string) (r *Server, err error) {
	r = &Server{bin: s.bin, as: s.as, settings: slices.Clone(s.settings)}
	if r.dir, err = os.MkdirTemp("", "pgtest"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(r.dir)
		}
	}()
	if s.as != nil {
		if err := os.Chown(r.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return nil, err
		}
	}
	copied := exec.Command(filepath.Join(s.bin, "pg_basebackup"), "-D", r.data(), "-d", "host="+s.dir+" user=sheaf application_name="+name, "-R", "-c", "fast", "--no-sync")
	r.prepare(copied)
	if out, err := copied.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w: %s", err, out)
	}
	return r, r.Run()
}

// Promote makes a replica a primary.
func (s *Server) Promote() error { return s.Exec("SELECT pg_promote()") }

// Database is one of the server's that is there already, such as those of the primary on its replica.
func (s *Server) Database(name string) *Database { return &Database{server: s, Name: name} }

// BecomeReplica starts the server anew as a replica that waits for a primary: it takes no changes.
func (s *Server) BecomeReplica() error {
	if err := s.Kill(); err != nil {
		return err
	}
	signal := filepath.Join(s.data(), "standby.signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		return err
	}
	if s.as != nil {
		if err := os.Chown(signal, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return err
		}
	}
	return s.Run()
}

// Remove ends the server, and removes its folder.
func (s *Server) Remove() {
	_ = s.Kill() // it may be killed already
	_ = os.RemoveAll(s.dir)
}

// Exec runs a statement in the database that every server has.
func (s *Server) Exec(query string) error { return s.exec("postgres", query) }

func (s *Server) exec(database, query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.dsn(database))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, query)
	return errors.Join(err, c.Close(ctx))
}

func (s *Server) dsn(database string) string {
	return fmt.Sprintf("host=%s user=sheaf dbname=%s", s.dir, database)
}

// A Database is one on the server.
type Database struct {
	Name   string
	server *Server
	copies int
}

// DSN says how to connect to it.
func (d *Database) DSN() string { return d.server.dsn(d.Name) }

// Exec runs a statement in it.
func (d *Database) Exec(query string) error { return d.server.exec(d.Name, query) }

// Server is the one that it is on.
func (d *Database) Server() *Server { return d.server }

// Disconnect ends all connections to it, and waits until they have ended.
func (d *Database) Disconnect() error {
	return d.server.Exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" + d.Name + "'")
}

// Copy copies the database, and gives what puts the copy in its place. Nobody may be connected in either moment.
func (d *Database) Copy() (load func() error, err error) {
	d.copies++
	copied := fmt.Sprintf("%s_%d", d.Name, d.copies)
	if err := d.Disconnect(); err != nil {
		return nil, err
	}
	err = d.server.Exec("CREATE DATABASE " + copied + " TEMPLATE " + d.Name)
	return func() error {
		if err := d.server.Exec("DROP DATABASE " + d.Name + " WITH (FORCE)"); err != nil {
			return err
		}
		return d.server.Exec("CREATE DATABASE " + d.Name + " TEMPLATE " + copied)
	}, err
}

// Dir is the server's folder, where its socket is.
func (s *Server) Dir() string { return s.dir }
