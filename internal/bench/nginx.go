package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// nginxPath is where Debian's nginx-light has the program.
const nginxPath = "/usr/sbin/nginx"

const nginxConfig = `
daemon off;
%s
worker_processes %d;
pid nginx.pid;
error_log error.log;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=2000;
  keepalive_requests 100000000;
  gzip_static on;
  types { text/xml xml; }
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:%d; root pages; }
}
`

// startNginx serves the folder pages in dir.
func startNginx(ctx context.Context, dir string) (base string, stop func() error, err error) {
	port, user := freePort(), ""
	if os.Geteuid() == 0 {
		user = "user root;" // the folder is nobody else's
	}
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, fmt.Appendf(nil, nginxConfig, user, runtime.NumCPU(), port), 0o600); err != nil {
		return "", nil, err
	}
	var said bytes.Buffer
	cmd := exec.Command(nginxPath, "-p", dir, "-c", path)
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start nginx: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return <-ended
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			return "http://" + address, stop, c.Close()
		}
		select {
		case err := <-ended:
			return "", nil, fmt.Errorf("nginx ended: %w: %s", err, said.String())
		case <-ctx.Done():
			return "", nil, errors.Join(ctx.Err(), stop())
		case <-time.After(10 * time.Millisecond):
		}
	}
}
