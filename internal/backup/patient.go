package backup

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
)

// patience is how long a connection to a storage may stand still. A copy may take hours, so nothing else bounds it.
const patience = 2 * time.Minute

// patientTransport is that of the library, on connections that do not stand still for ever.
func patientTransport(secure bool, roots *x509.CertPool) (*http.Transport, error) {
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	if secure && roots != nil {
		transport.TLSClientConfig.RootCAs = roots
	}
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &patient{conn, patience}, nil
	}
	return transport, nil
}

// patient is a connection that fails when nothing could be read or written for some time.
type patient struct {
	net.Conn
	patience time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	// Also the other direction's: whoever sends much for long waits for the answer all the while.
	if err := p.SetDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.SetDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}
