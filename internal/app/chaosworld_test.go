package app_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/sys/unix"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// A line is a connection to somewhere that can be cut.
type line struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]bool
}

func newLine(t *testing.T, target string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	out := &line{listener: l, target: target, conns: map[net.Conn]bool{}}
	go out.accept()
	return out
}

func (l *line) address() string { return l.listener.Addr().String() }

func (l *line) accept() {
	for {
		in, err := l.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", l.target)
		if err != nil || !l.add(in, out) {
			_ = in.Close()
			if err == nil {
				_ = out.Close()
			}
			continue
		}
		go l.pass(in, out)
		go l.pass(out, in)
	}
}

func (l *line) add(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false
	}
	for _, c := range conns {
		l.conns[c] = true
	}
	return true
}

func (l *line) pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range []net.Conn{from, to} {
		_ = c.Close()
		delete(l.conns, c)
	}
}

// cut ends every connection in the middle of whatever it says, and takes no new one for some time.
func (l *line) cut(d time.Duration) {
	l.mu.Lock()
	l.down = true
	for c := range l.conns {
		_ = c.Close()
	}
	l.mu.Unlock()
	time.Sleep(d)
	l.mu.Lock()
	l.down = false
	l.mu.Unlock()
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// A smallDisk is a file system of its own that can be filled.
type smallDisk struct {
	dir string
	own bool
}

const smallDiskSize = "1500m"

// newSmallDisk mounts one where that is allowed. Elsewhere the disk is the machine's, and is never full.
func newSmallDisk(t *testing.T) *smallDisk {
	t.Helper()
	d := &smallDisk{dir: t.TempDir()}
	if err := unix.Mount("tmpfs", d.dir, "tmpfs", 0, "size="+smallDiskSize); err != nil {
		if os.Getenv("CI") != "" && os.Getuid() == 0 {
			t.Fatalf("mount a small disk: %v", err)
		}
		t.Logf("no disk of its own (%v): it never fills up", err)
		return d
	}
	d.own = true
	t.Cleanup(func() { _ = unix.Unmount(d.dir, unix.MNT_DETACH) })
	return d
}

// fill takes all that is left of the disk, and gives a function that gives it back.
func (d *smallDisk) fill(t *testing.T) (empty func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(d.dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for len(block) > 0 {
		if _, err := f.Write(block); errors.Is(err, unix.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
			t.Error(err)
		}
	}
}

// withoutSockets leaves sockets and locks out of a copy of a folder.
type withoutSockets struct {
	fs.FS
	dir string
}

func (w withoutSockets) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(w.FS, name)
	var out []fs.DirEntry
	for _, e := range all {
		if e.IsDir() || e.Type().IsRegular() {
			out = append(out, e)
		}
	}
	return out, err
}

// childBroker, in the environment, makes the test program a NATS server with JetStream: ADDRESS FOLDER.
const childBroker = "SHEAF_TEST_CHILD_BROKER"

func runBroker(args string) error {
	var address, dir string
	if _, err := fmt.Sscan(args, &address, &dir); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	o := &server.Options{ServerName: "beside", Host: host, NoLog: true, NoSigs: true, JetStream: true, StoreDir: dir, SyncAlways: true}
	if _, err := fmt.Sscan(port, &o.Port); err != nil {
		return err
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return errors.New("the broker is not ready")
	}
	fmt.Println("ready", address)
	s.WaitForShutdown()
	return nil
}

// A chaosBroker is a NATS server in a process of its own, as an operator runs it.
type chaosBroker struct {
	address, dir string
	process      *child
}

func newChaosBroker(t *testing.T) *chaosBroker {
	// Its disk is in memory: each message is synced, and what else the machine writes must not make that slow.
	b := &chaosBroker{address: freeport.Address(t), dir: newSmallDisk(t).dir}
	b.up(t)
	t.Cleanup(func() { b.kill(t) })
	return b
}

func (b *chaosBroker) up(t *testing.T) {
	t.Helper()
	b.process = &child{cmd: exec.Command(os.Args[0])}
	b.process.run(t, childBroker+"="+b.address+" "+b.dir)
}

func (b *chaosBroker) kill(t *testing.T) { b.process.kill(t) }
