package control

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestStranger: another user may not give commands, also where somebody has opened the folder and the
// socket to all. The socket's folder is private.
func TestStranger(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can act as another user")
	}
	dir := filepath.Join(t.TempDir(), "data")
	listenAt(t, dir, "a gateway")
	path := filepath.Join(dir, "control", "sock")
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder is %v, %v", info.Mode(), err)
	}
	for at, mode := range map[string]os.FileMode{filepath.Dir(filepath.Dir(dir)): 0o755, filepath.Dir(dir): 0o755, dir: 0o755, filepath.Dir(path): 0o755, path: 0o666} {
		if err := os.Chmod(at, mode); err != nil {
			t.Fatal(err)
		}
	}
	for uid, want := range map[int]int{0: http.StatusOK, 65534: http.StatusForbidden} {
		conn := dialAs(t, path, uid)
		client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}}
		resp, err := client.Get("http://gateway/info")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		client.CloseIdleConnections()
		if resp.StatusCode != want {
			t.Errorf("user %d is answered %d, want %d", uid, resp.StatusCode, want)
		}
	}
}

// dialAs connects as another user: from a thread that is that user's, and ends with its goroutine.
func dialAs(t *testing.T, path string, uid int) (conn net.Conn) {
	t.Helper()
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
			err = errno
			return
		}
		conn, err = net.Dial("unix", path)
	}()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
