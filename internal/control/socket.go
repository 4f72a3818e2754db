package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// The control socket answers commands: HTTP over a Unix socket, in a folder of its own in the data folder
// that only the user who runs the gateway may enter. The kernel is asked as well who has connected, because modes
// of folders are easily changed by mistake (peer.go).

const (
	socketFolder = "control"
	socketName   = "sock"
	// maxSocketPath is the shortest limit among the systems we run on, for the path of a socket.
	maxSocketPath = 100
)

// socketPath is where the socket of a data folder is. A folder whose path is too long for a socket
// has it among the temporary files, under a name made from the folder's, and names it in a file, because
// a command may look for temporary files elsewhere. A file that names another folder's socket has come along when that
// folder was copied, and is passed over.
func socketPath(dir string) (string, error) {
	path, own, err := ownSocket(dir)
	if err != nil || own == path {
		return own, err
	}
	if named, err := os.ReadFile(path + ".path"); err == nil {
		at := strings.TrimSpace(string(named))
		if filepath.Base(filepath.Dir(at)) == filepath.Base(filepath.Dir(own)) {
			return at, nil
		}
	}
	return own, nil
}

// ownSocket is where the socket would be in the folder, and where this process makes it.
func ownSocket(dir string) (path, own string, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	path = filepath.Join(abs, socketFolder, socketName)
	if len(path) <= maxSocketPath {
		return path, path, nil
	}
	sum := sha256.Sum256([]byte(abs))
	return path, filepath.Join(os.TempDir(), "sheaf-"+hex.EncodeToString(sum[:12]), socketName), nil
}

// privateFolder makes a folder that nobody else may enter. One that somebody else has made, which can happen among the
// temporary files, is refused.
func privateFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || ok && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of this user; remove it", dir)
	}
	return os.Chmod(dir, 0o700)
}

// A Server answers commands.
type Server struct {
	routes atomic.Pointer[http.Handler]
	http   *http.Server
	cancel context.CancelFunc // of the commands under way
	done   chan struct{}
}

// Listen binds the socket of a data folder and answers on it. The folder is locked by now, so a socket that is
// there is one that a dead process has left. The caller must Stop the server.
func Listen(dir string, g *Gateway) (*Server, error) {
	inside, path, err := ownSocket(dir)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	l, err := listenSocket(inside, path)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{cancel: cancel, done: make(chan struct{}), http: &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       withPeer,
	}}
	s.http.Handler = knownPeers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.routes.Load()).ServeHTTP(w, r) }))
	s.Answer(g)
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			g.Logger.Error("the control socket is closed", "err", err)
		}
	}()
	return s, nil
}

// Answer has commands answered by g from now on; those that are under way go on as they began.
func (s *Server) Answer(g *Gateway) {
	routes := g.routes()
	s.routes.Store(&routes)
}

// listenSocket binds the socket at path. If that is not inside the data folder, a file there names it.
func listenSocket(inside, path string) (_ net.Listener, err error) {
	if err := errors.Join(privateFolder(filepath.Dir(inside)), privateFolder(filepath.Dir(path))); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if path != inside {
		if err := os.WriteFile(inside+".path", []byte(path+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Stop ends the commands under way: a harvest that one of them asked for is cancelled, and goes on
// from its last committed page next time. It waits for them, so that the end of that harvest is written
// down before the log is closed.
func (s *Server) Stop(ctx context.Context) error {
	s.cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	select {
	case <-s.done:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	return err
}
