package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"zombiezen.com/go/sqlite"
)

// Backup writes a consistent copy of the log to a file that must not exist yet, while the log is
// read and written. The copy is complete, on disk, and was read again to its end when Backup returns nil; else there is none.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if there(path) {
		return fmt.Errorf("back up to %s: %w; name a new file", path, fs.ErrExist)
	}
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer s.readers.Put(conn)
	if err := clearParts(filepath.Dir(path)); err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	tmp := path + partSuffix
	part, err := datadir.LockFile(tmp, os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	defer part.Close()
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("back up to %s: %w", path, err), ignoreMissing(os.Remove(tmp)))
		}
	}()
	if err := pragmas(conn, "query_only = off"); err != nil {
		return err
	}
	err = exec(conn, "VACUUM INTO ?", tmp)
	if err := errors.Join(err, pragmas(conn, "query_only = on")); err != nil {
		return err
	}
	if err := errors.Join(carry(tmp, s.carried), syncFile(tmp)); err != nil {
		return err
	}
	if err := verifyFile(ctx, tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// Restore puts a backup, a file, in the place of the log, as [RestoreFrom] does.
func Restore(ctx context.Context, dir, backup string) error {
	in, err := os.Open(backup)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer in.Close()
	return RestoreFrom(ctx, dir, backup, in, nil)
}

// RestoreFrom puts a backup of some name in the place of the log in a folder that no process has open. The log that
// was there is kept beside it as sheaf.db.before-restore-1 (or the next free number). When the restored log is opened next, a new
// epoch begins: whatever was handed out since the backup is refused, and consumers start again. What the backup carries beside
// the log is merged into what is there, before the log is replaced: killed in between, nothing of it is lost.
func RestoreFrom(ctx context.Context, dir, name string, backup io.Reader, beside Carried) (err error) {
	if err := os.MkdirAll(dir, datadir.PrivateFolder); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	lock, err := datadir.Lock(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	path := filepath.Join(dir, "sheaf.db")
	tmp := path + restoring
	if err := writeFile(tmp, backup); err != nil {
		return errors.Join(fmt.Errorf("restore %s: %w", name, err), ignoreMissing(os.Remove(tmp)))
	}
	if err := carryOver(path, tmp); err != nil {
		return errors.Join(fmt.Errorf("restore %s: %w", name, err), ignoreMissing(os.Remove(tmp)))
	}
	if err := markRestored(ctx, tmp, there(path) || there(filepath.Join(dir, datadir.HighwaterName))); err != nil {
		return errors.Join(fmt.Errorf("restore %s: %w", name, err), os.Remove(tmp))
	}
	if err := merge(tmp, beside); err != nil {
		return errors.Join(fmt.Errorf("restore %s: %w", name, err), ignoreMissing(os.Remove(tmp)))
	}
	if err := putAside(path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return syncFile(dir)
}

// restoring ends the name of a log that is being put in place of another.
const restoring = ".restoring"

// putAside moves a database away. Its write-ahead log belongs to it and goes along, after it: without
// the database the folder is refused, but a database without its log would be taken for whole. If
// the database is away already, a restore was killed here, and what is left of it follows.
func putAside(path string) error {
	aside := func(n int) string { return fmt.Sprintf("%s.before-restore-%d", path, n) }
	n := 1
	for there(aside(n)) {
		n++
	}
	if !there(path) {
		n--
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := ignoreMissing(os.Rename(path+suffix, aside(n)+suffix)); err != nil {
			return err
		}
	}
	return nil
}

// carryOver writes what the log that was here keeps out into the one that takes its place: a takedown is final, also where a
// backup is older. A log that can't be read has nothing to say.
func carryOver(from, to string) (err error) {
	if !there(from) {
		return nil
	}
	old, err := sqlite.OpenConn(from, sqlite.OpenReadWrite) // its write-ahead log is read too
	if err != nil {
		return nil
	}
	defer old.Close()
	kept, err := suppressions(old, "true")
	if err != nil || len(kept) == 0 {
		return nil
	}
	conn, err := sqlite.OpenConn(to, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := pragmas(conn, "journal_mode = delete", "synchronous = full"); err != nil {
		return fmt.Errorf("it is not a backup of a log: %w", err)
	}
	if err := exec(conn, removalSchema); err != nil {
		return err
	}
	for i := range kept {
		if err := suppress(conn, &kept[i]); err != nil {
			return err
		}
	}
	return nil
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// markRestored checks that the file is a log that this program may write, and notes what it is; inPlace says
// that it takes the place of another one.
func markRestored(ctx context.Context, path string, inPlace bool) error {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := pragmas(conn, "journal_mode = delete", "synchronous = full"); err != nil {
		return fmt.Errorf("it is not a backup of a log: %w", err)
	}
	version, err := metaInt(conn, "schema_oldest_writer")
	if err != nil || version == 0 {
		return fmt.Errorf("it is not a backup of a log: %w", errors.Join(err, errors.New("no schema version in it")))
	}
	if err := checkVersion(version); err != nil {
		return err
	}
	if err := verify(ctx, conn); err != nil {
		return err
	}
	// The log of which it is a copy may still be there, and publish. Where it takes the place of a log, it goes on
	// in its stream too; elsewhere a person must say that it shall.
	if err := exec(conn, "DELETE FROM meta WHERE name = ?", identityMeta); err != nil {
		return err
	}
	if inPlace {
		if err := setMeta(conn, takeOverMeta, "restored in place"); err != nil {
			return err
		}
	}
	return setMeta(conn, "restored", "a backup was restored")
}

func writeFile(to string, in io.Reader) (err error) {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, datadir.PrivateFile)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, out.Close())
	}()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// syncFile makes a file, or the names in a folder, durable.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
