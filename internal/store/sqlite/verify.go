package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// verifyFile reads a copy of a log to its end, as it is on the disk, and says what is wrong with it. The file is not
// written to, and nothing is made beside it.
func verifyFile(ctx context.Context, path string) (err error) {
	conn, err := sqlite.OpenConn(fileURI(path)+"?immutable=1", sqlite.OpenReadOnly|sqlite.OpenURI)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return verify(ctx, conn)
}

// verify holds a copy of a log to what it says of itself: the structure of the database, what records are made of, and the
// digest of the live ones. Of a copy that an older program made only the structure is looked at, since the rest may be in
// other tables.
func verify(ctx context.Context, conn *sqlite.Conn) error {
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	said := ""
	err := one(conn, "PRAGMA quick_check(1)", nil, func(r *sqlite.Stmt) { said = r.ColumnText(0) })
	if err == nil && said != "ok" {
		err = errors.New(said)
	}
	if err != nil {
		return fmt.Errorf("the copy is damaged: %w", err)
	}
	version, err := metaInt(conn, "schema_version")
	if err != nil || version != schemaVersion {
		return err
	}
	head, err := readHead(conn)
	if err != nil {
		return err
	}
	c := &checker{thorough: true}
	if c.codec, err = readCodec(conn); err != nil {
		return err
	}
	var sum pipeline.Digest
	for at := (checkedStretch{upTo: head.Seq}); at.after < head.Seq; at.after, at.upTo = at.upTo, head.Seq {
		if _, err := c.read(conn, &head, &at, checkPage); err != nil {
			return fmt.Errorf("the copy is damaged: %w", err)
		}
		sum.Merge(at.sum)
		at.sum = pipeline.Digest{}
	}
	if !head.DigestPending && sum != head.Digest {
		return errors.New("the copy is damaged: its records are not those that its head has the digest of")
	}
	return nil
}
