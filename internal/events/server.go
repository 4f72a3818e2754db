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
	// WebSocket is where WebSocket clients connect, HOST:PORT; empty for nowhere.
	WebSocket string
	// Sync is how often the disk is made to keep what was written; negative for before each acknowledgement.
	// Default: a second.
	Sync time.Duration
	// Prefix is that of the streams; see [Options]. Default: SHEAF.
	Prefix string
	// Guests says who may read the streams. The zero value lets everyone in who can connect.
	Guests Guests
	// Logger gets what the broker says. Default: nothing is logged.
	Logger *slog.Logger

	watchEvery time.Duration // a second except in tests
}

const (
	defaultListen = "127.0.0.1:4222"
	// Streams are on disk; memory is for the broker's own small state.
	maxMemory = 64 << 20
	// The bounds of the streams themselves keep the disk free. A bound of the broker on top of them
	// was worked out from the free disk at each start: a gateway that came up on a fuller disk
	// refused events, although its streams were far from their bounds.
	maxStore = 1 << 50
	// How long a power cut may reach back, unless the configuration says otherwise. Messages are written to the file before they are
	// acknowledged, so killing the process loses none; only a crash of the machine loses what was not
	// synced. The relay finds its place from the end of the stream and sends the lost events again,
	// and consumers know them by their (epoch, seq), so a sync for each message (a tenth of the
	// speed) would buy little. The default of the broker, two minutes, is long enough to lose a
	// whole harvest.
	syncInterval = time.Second
)

// A Server is a NATS server with JetStream inside this process. It is one server: to have several,
// point the gateway at a cluster. After an error of its disk, which turns JetStream off, it starts
// itself again as soon as there is room (revive.go).
type Server struct {
	o    ServerOptions
	log  *serverLog
	addr *net.TCPAddr // since the first start

	mu sync.Mutex // guards ns, which changes when the server is started again
	ns *server.Server

	halt    context.CancelFunc // ends what runs beside the server
	beside  sync.WaitGroup
	stop    sync.Once
	stopped chan struct{} // closed when everything has stopped
}

// StartServer starts the broker and returns when it accepts connections. If it can't listen it says
// so before anything is created on disk.
func StartServer(o ServerOptions) (*Server, error) {
	o.Listen = cmp.Or(o.Listen, defaultListen)
	o.Prefix = cmp.Or(o.Prefix, defaultPrefix)
	o.watchEvery = cmp.Or(o.watchEvery, time.Second)
	o.Sync = cmp.Or(o.Sync, syncInterval)
	addr, err := probe(o.Listen)
	if err != nil {
		return nil, err
	}
	if o.StoreDir == "" {
		return nil, errors.New("start the embedded NATS server: no folder for its streams is given")
	}
	if err := checkWritable(o.StoreDir); err != nil {
		return nil, fmt.Errorf("start the embedded NATS server: its folder can't be written: %w", err)
	}
	s := &Server{o: o, log: &serverLog{log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler))}, stopped: make(chan struct{})}
	if err := s.run(addr); err != nil {
		return nil, fmt.Errorf("start the embedded NATS server: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.halt = cancel
	s.beside.Go(func() { s.watch(ctx) })
	s.beside.Go(func() { s.holdToBudget(ctx) })
	return s, nil
}

// run starts a server at the address, opens its streams, and opens the door to readers.
func (s *Server) run(addr hostPort) error {
	door := &door{guests: s.o.Guests, names: newNames(s.o.Prefix)}
	opts, err := s.options(addr, door)
	if err != nil {
		return err
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	ns.SetLogger(s.log, false, false)
	s.log.forget()
	ns.Start()
	tcp, ok := ns.Addr().(*net.TCPAddr)
	err = s.log.fatal()
	if err == nil && (!ok || !ns.ReadyForConnections(10*time.Second)) {
		err = errors.New("it was not ready within 10 seconds")
	}
	if err == nil {
		err = door.open(ns, door.names)
	}
	if err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ns, s.addr = ns, cmp.Or(s.addr, tcp)
	return nil
}

func (s *Server) options(addr hostPort, door *door) (*server.Options, error) {
	o := &server.Options{
		ServerName: "sheaf",
		Host:       addr.host, Port: addr.port,
		NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: s.o.StoreDir,
		JetStreamMaxMemory: maxMemory, JetStreamMaxStore: maxStore,
		SyncInterval: max(s.o.Sync, 0), SyncAlways: s.o.Sync < 0,
		CustomClientAuthentication: door,
		AlwaysEnableNonce:          true, // readers with an NKey sign it
	}
	if s.o.WebSocket != "" {
		ws, err := probe(s.o.WebSocket)
		if err != nil {
			return nil, err
		}
		o.Websocket = server.WebsocketOpts{Host: ws.host, Port: ws.port, NoTLS: s.o.Guests.TLS == nil, HandshakeTimeout: 2 * time.Second}
	}
	if err := s.o.Guests.secure(o); err != nil {
		return nil, err
	}
	bound(o)
	return o, nil
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
func (s *Server) URL() string {
	if s.o.Guests.TLS != nil {
		return "tls://" + s.addr.String()
	}
	return "nats://" + s.addr.String()
}

// server is the one that runs now.
func (s *Server) server() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ns
}

// InProcessConn is the gateway's own connection, which doesn't go through the network; nats.InProcessServer
// takes it. Whoever has it may do everything: all others may only read.
func (s *Server) InProcessConn() (net.Conn, error) { return s.server().InProcessConn() }

// Shutdown closes all connections, syncs the streams and returns when everything has stopped, or when
// ctx ends: then it goes on stopping, and says so. It may be called again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() {
		s.halt()
		go func() {
			defer close(s.stopped)
			s.beside.Wait()
			ns := s.server()
			ns.Shutdown()
			ns.WaitForShutdown()
		}()
	})
	select {
	case <-s.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the embedded NATS server: it has not stopped yet: %w", context.Cause(ctx))
	}
}
