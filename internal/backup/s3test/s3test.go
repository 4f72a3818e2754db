// Package s3test runs an S3-compatible storage for tests: Versity's gateway, over a folder.
package s3test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// The bucket that is there, and the keys to it.
const (
	Bucket    = "copies"
	AccessKey = "gateway"
	SecretKey = "very-secret"
)

// A Storage is a server with a bucket, behind a proxy with a certificate of its own.
type Storage struct {
	Address string         // of the proxy
	Roots   *x509.CertPool // what vouches for its certificate
	CA      []byte         // the same in PEM
	Client  *minio.Client  // leads to the server itself
	Folder  string         // has the objects of the bucket as files

	// Request sees each request to the proxy, and Response may change each answer.
	Request  atomic.Pointer[func(*http.Request)]
	Response atomic.Pointer[func(*http.Response)]
}

// Serve runs a storage until the test ends.
func Serve(t *testing.T) *Storage {
	t.Helper()
	program, err := exec.LookPath("versitygw")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	root, address := t.TempDir(), freeport.Address(t)
	s := &Storage{Folder: filepath.Join(root, Bucket)}
	cmd := exec.Command(program, "--access", AccessKey, "--secret", SecretKey, "--port", address, "posix", root)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the storage said %s", said.String())
		}
	})
	if s.Client, err = minio.New(address, &minio.Options{Creds: credentials.NewStaticV4(AccessKey, SecretKey, "")}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if err = s.Client.MakeBucket(t.Context(), Bucket, minio.MakeBucketOptions{}); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	way := httptest.NewTLSServer(s.proxy(address))
	t.Cleanup(way.Close)
	s.Address, s.Roots = way.Listener.Addr().String(), x509.NewCertPool()
	s.Roots.AddCert(way.Certificate())
	s.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: way.Certificate().Raw})
	return s
}

func (s *Storage) proxy(address string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if f := s.Request.Load(); f != nil {
				(*f)(r.In)
			}
			r.SetURL(&url.URL{Scheme: "http", Host: address})
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: func(r *http.Response) error {
			if f := s.Response.Load(); f != nil {
				(*f)(r)
			}
			return nil
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}
