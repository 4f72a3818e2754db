package app

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
	"time"
)

// The control socket answers commands: HTTP over a Unix socket in the data folder, so whoever may
// read the folder may command the gateway, and nobody else.

const (
	socketName = "control.sock"
	// maxSocketPath is the shortest limit among the systems we run on, for the path of a socket.
	maxSocketPath = 100
)

// socketPath is where the socket of a data folder is. A folder whose path is too long for a socket
// has it among the temporary files, under a name made from the folder's.
func socketPath(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(abs, socketName)
	if len(path) <= maxSocketPath {
		return path, nil
	}
	named, err := os.ReadFile(path + ".path")
	if err == nil {
		return strings.TrimSpace(string(named)), nil
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(os.TempDir(), "sheaf-"+hex.EncodeToString(sum[:12])+".sock"), nil
}

type controlServer struct {
	http   *http.Server
	cancel context.CancelFunc // of the commands under way
	done   chan struct{}
}

// listenControl binds the socket and answers on it. The folder is locked by now, so a socket that is
// there is a dead one's.
func listenControl(dir string, c *Core) (*controlServer, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err == nil && filepath.Dir(path) != mustAbs(dir) {
		err = os.WriteFile(filepath.Join(dir, socketName+".path"), []byte(path+"\n"), 0o640)
	}
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &controlServer{cancel: cancel, done: make(chan struct{}), http: &http.Server{
		Handler: c.controlRoutes(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			c.logger.Error("the control socket is closed", "err", err)
		}
	}()
	return s, nil
}

func mustAbs(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	return abs
}

// stop ends the commands under way: a harvest that one of them asked for is cancelled, and goes on
// from its last committed page next time. It waits for them, so that the end of that harvest is written
// down before the log is closed.
func (s *controlServer) stop(ctx context.Context) error {
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
