package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
)

// Key is a secret of this log by its name, made at first use and kept with it: 32 random bytes. It goes
// along with backups, so that what was signed before a restore can still be told from a forgery.
func (s *Store) Key(ctx context.Context, name string) (key []byte, err error) {
	err = s.writer.do(ctx, func(conn *db) (err error) {
		text, err := metaText(conn, "key_"+name)
		if err != nil {
			return err
		}
		if text != "" {
			key, err = hex.DecodeString(text)
			return err
		}
		key = make([]byte, 32)
		rand.Read(key)
		return setMeta(conn, "key_"+name, hex.EncodeToString(key))
	})
	return key, err
}
