package sqlite

import (
	"context"
	"crypto/rand"

	"zombiezen.com/go/sqlite"
)

// Key is a secret of this log by its name, made at first use and kept with it: 32 random bytes. It goes
// along with backups, so that what was signed before a restore can still be told from a forgery.
func (s *Store) Key(ctx context.Context, name string) (key []byte, err error) {
	err = s.writer.do(ctx, func(conn *sqlite.Conn) (err error) {
		if key, err = metaBytes(conn, "key_"+name); err != nil || len(key) > 0 {
			return err
		}
		key = make([]byte, 32)
		rand.Read(key)
		return setMeta(conn, "key_"+name, key)
	})
	return key, err
}
