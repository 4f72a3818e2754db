package control

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
)

// errStranger is the answer to those who may not give commands.
var errStranger = errors.New("only root and the user who runs the gateway may give it commands; run sheaf as that user")

type strangerKey struct{}

// withPeer notes for each connection to the control socket whether a stranger made it.
func withPeer(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, strangerKey{}, !mayCommand(conn))
}

// mayCommand says whether root or the gateway's own user is at the other end. Where the system can't say who
// connected, only the modes of the socket and of its folder keep strangers away.
func mayCommand(conn net.Conn) bool {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return false
	}
	uid, known, err := peerUser(unix)
	return err == nil && (!known || uid == 0 || uid == os.Geteuid())
}

// knownPeers answers with h, and refuses strangers.
func knownPeers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stranger, ok := r.Context().Value(strangerKey{}).(bool); !ok || stranger {
			refuse(w, errStranger)
			return
		}
		h.ServeHTTP(w, r)
	})
}
