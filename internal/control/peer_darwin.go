package control

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// peerUser asks the kernel which user connected.
func peerUser(conn *net.UnixConn) (uid int, known bool, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, true, err
	}
	var cred *unix.Xucred
	var asked error
	err = raw.Control(func(fd uintptr) { cred, asked = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED) })
	if err != nil || asked != nil {
		return 0, true, errors.Join(err, asked)
	}
	return int(cred.Uid), true, nil
}
