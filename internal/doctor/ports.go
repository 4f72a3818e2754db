package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// dialTime is how long a listener of this machine may take to answer.
const dialTime = 5 * time.Second

// Ports looks at the addresses that the configuration has for the gateway: a gateway that serves answers at them; without one
// they are free.
func Ports(ctx context.Context, cfg *config.Config, serving bool) Finding {
	f := Finding{Check: "ports", Found: "they are free for a gateway: "}
	if serving {
		f.Found = "the gateway answers at "
	}
	var seen, faults []string
	for _, p := range addresses(cfg) {
		if _, port, err := net.SplitHostPort(p.address); err != nil || strings.Trim(port, "0") == "" {
			continue // any port will do
		}
		if err := look(ctx, p.address, serving); err != nil {
			faults = append(faults, p.key+": "+err.Error())
		}
		seen = append(seen, p.address)
	}
	if len(seen) == 0 {
		f.Found = "none is fixed"
		return f
	}
	f.Found += strings.Join(seen, ", ")
	f.Advice = strings.Join(faults, "; ")
	return f
}

// listener is an address to listen on, and its key of the configuration.
type listener struct{ key, address string }

func addresses(cfg *config.Config) []listener {
	out := []listener{{"listen.public", cfg.Listen.Public}, {"listen.ops", cfg.Listen.Ops}}
	if cfg.Events.Kind == "embedded" {
		out = append(out, listener{"events.listen", cfg.Events.Listen})
		if cfg.Events.WebSocket != "" {
			out = append(out, listener{"events.websocket", cfg.Events.WebSocket})
		}
	}
	return out
}

func look(ctx context.Context, address string, serving bool) error {
	if serving {
		ctx, cancel := context.WithTimeout(ctx, dialTime)
		defer cancel()
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address) // an address without a host is this machine
		if err != nil {
			return fmt.Errorf("nothing answers at %s, though the gateway runs; look at its log, and restart it: %w", address, err)
		}
		return conn.Close()
	}
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program listens at %s; stop it, or choose another address", address)
	case errors.Is(err, syscall.EACCES):
		return nil // a port of the system's: whoever runs the gateway may be allowed what this user is not
	case err != nil:
		return fmt.Errorf("a gateway can't listen there; choose another address: %w", err)
	}
	return l.Close()
}
