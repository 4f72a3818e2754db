package events

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ServerOptions are how the embedded broker runs.
type ServerOptions struct {
	// Listen is where clients connect, HOST:PORT; port 0 takes a free one. Default: 127.0.0.1:4222.
	Listen string
	// StoreDir is the folder for the streams. It is created.
	StoreDir string
	// MaxStore bounds the disk that all streams together may take, in bytes. Zero: three quarters of
	// what is free when the broker starts, and what the streams take already.
	MaxStore int64
	// Logger gets what the broker says. Default: nothing is logged.
	Logger *slog.Logger
}

const (
	defaultListen = "127.0.0.1:4222"
	// Streams are on disk; memory is for the broker's own small state.
	maxMemory = 64 << 20
	// How long a power cut may reach back. Messages are written to the file before they are
	// acknowledged, so killing the process loses none; only a crash of the machine loses what was not
	// synced. The relay finds its place from the end of the stream and sends the lost events again,
	// and consumers know them by their (epoch, seq), so a sync for each message (a tenth of the
	// speed) would buy little. The default of the broker, two minutes, is long enough to lose a
	// whole harvest.
	syncInterval = time.Second
)

// A Server is a NATS server with JetStream inside this process. It is one server: to have several,
// point the gateway at a cluster.
type Server struct {
	ns      *server.Server
	addr    *net.TCPAddr
	stop    sync.Once
	stopped chan struct{} // closed when everything has stopped
}

// StartServer starts the broker and returns when it accepts connections. If it can't listen it says
// so before anything is created on disk.
func StartServer(o ServerOptions) (*Server, error) {
	addr, err := probe(cmp.Or(o.Listen, defaultListen))
	if err != nil {
		return nil, err
	}
	if o.StoreDir == "" {
		return nil, errors.New("start the embedded NATS server: no folder for its streams is given")
	}
	if err := checkWritable(o.StoreDir); err != nil {
		return nil, fmt.Errorf("start the embedded NATS server: its folder can't be written: %w", err)
	}
	opts := &server.Options{
		ServerName: "sheaf",
		Host:       addr.host, Port: addr.port,
		NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: o.StoreDir,
		JetStreamMaxMemory: maxMemory, JetStreamMaxStore: cmp.Or(o.MaxStore, -1),
		SyncInterval: syncInterval,
		MaxConn:      1024,
		// A client that doesn't read is cut off when this much waits for it; it comes back to its
		// place in the stream.
		MaxPending: 64 << 20,
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("start the embedded NATS server: %w", err)
	}
	l := &serverLog{log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler))}
	ns.SetLogger(l, false, false)
	ns.Start()
	s := &Server{ns: ns, stopped: make(chan struct{})}
	tcp, ok := ns.Addr().(*net.TCPAddr)
	if err := l.fatal(); err != nil || !ok || !ns.ReadyForConnections(10*time.Second) {
		err = fmt.Errorf("start the embedded NATS server: %w", cmp.Or(err, errors.New("it was not ready within 10 seconds")))
		return nil, errors.Join(err, s.Shutdown(context.Background()))
	}
	s.addr = tcp
	return s, nil
}

type hostPort struct {
	host string
	port int
}

// probe says where the broker will listen, having seen that it can. (The library opens its streams
// first and listens then.)
func probe(listen string) (hostPort, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return hostPort{}, fmt.Errorf("listen for NATS clients on %q: this is not HOST:PORT", listen)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return hostPort{}, fmt.Errorf("listen for NATS clients on %q: the port must be a number from 0 to 65535", listen)
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return hostPort{}, fmt.Errorf("listen for NATS clients on %s: %w; choose another address with --nats-listen", listen, cause(err))
	}
	if err := l.Close(); err != nil {
		return hostPort{}, fmt.Errorf("listen for NATS clients on %s: %w", listen, err)
	}
	if n == 0 {
		return hostPort{host, server.RANDOM_PORT}, nil
	}
	return hostPort{host, int(n)}, nil
}

// cause takes "listen tcp 127.0.0.1:4222: bind: " off an error.
func cause(err error) error {
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		return sys.Err
	}
	return err
}

func checkWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".write-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Addr is where the server listens.
func (s *Server) Addr() *net.TCPAddr { return s.addr }

// URL is what clients on this machine connect to.
func (s *Server) URL() string { return "nats://" + s.addr.String() }

// Room is how many bytes all streams together may take.
func (s *Server) Room() int64 {
	if c := s.ns.JetStreamConfig(); c != nil {
		return c.MaxStore
	}
	return 0
}

// InProcessConn is a connection that doesn't go through the network; nats.InProcessServer takes it.
func (s *Server) InProcessConn() (net.Conn, error) { return s.ns.InProcessConn() }

// Shutdown closes all connections, syncs the streams and returns when everything has stopped, or when
// ctx ends: then it goes on stopping, and says so. It may be called again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() {
		go func() {
			defer close(s.stopped)
			s.ns.Shutdown()
			s.ns.WaitForShutdown()
		}()
	})
	select {
	case <-s.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the embedded NATS server: it has not stopped yet: %w", context.Cause(ctx))
	}
}
