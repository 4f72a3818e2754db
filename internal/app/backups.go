package app

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/backup"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// keepBackups makes the backups that the configuration asks for; nil if it asks for none.
func (c *Core) keepBackups() (*backup.Keeper, error) {
	if !c.Config.Backup.Kept() {
		return nil, nil
	}
	place, err := backupPlace(c.Config, c.Store.Backup, c.roomForBackup)
	if err != nil {
		return nil, err
	}
	return &backup.Keeper{
		Place: place, Every: c.Config.Backup.Every, Keep: c.Config.Backup.Keep, Logger: c.logger,
		Done: func(ctx context.Context) {
			if err := c.backups.Done(ctx); err != nil {
				c.logger.Warn("sheaf_backup_last_success_timestamp_seconds is out of date", "err", err)
			}
		},
	}, nil
}

// Backups is where the copies of a log are that its gateway made, for reading only; nil if the configuration has no place for them.
func Backups(cfg *config.Config) (backup.Place, error) { return backupPlace(cfg, nil, nil) }

// backupPlace is where the configuration has copies kept.
func backupPlace(cfg *config.Config, copyTo func(context.Context, string) error, room func(string) error) (backup.Place, error) {
	b := &cfg.Backup
	switch {
	case b.S3 != nil:
		return bucket(cfg, copyTo, room)
	case b.To != "":
		return &backup.Folder{Dir: b.To, Copy: copyTo, Room: room}, nil
	}
	return nil, nil
}

func bucket(cfg *config.Config, copyTo func(context.Context, string) error, room func(string) error) (*backup.Bucket, error) {
	s3 := cfg.Backup.S3
	endpoint, err := url.Parse(s3.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("backup.s3.endpoint: %w", err)
	}
	o := backup.BucketOptions{
		Host: endpoint.Host, Plain: endpoint.Scheme == "http", Name: s3.Bucket, Prefix: s3.Prefix, Region: s3.Region,
		AccessKey: s3.AccessKey.Value(), SecretKey: s3.SecretKey.Value(),
	}
	if s3.CA != "" {
		if o.Roots, err = authorities("backup.s3.ca_file", s3.CA); err != nil {
			return nil, err
		}
	}
	out, err := backup.OpenBucket(o)
	if err != nil {
		return nil, err
	}
	out.Stage, out.Copy, out.Room = filepath.Join(cfg.Data, "sheaf.db.to-send"), copyTo, room
	return out, nil
}

// roomForBackup keeps the disk for the log where a backup would take what harvests need.
func (c *Core) roomForBackup(dir string) error {
	info, err := os.Stat(filepath.Join(c.Config.Data, "sheaf.db"))
	if err != nil {
		return err
	}
	if free, known := machine.FreeBytes(dir); known && free < info.Size()+2*diskReserve {
		return fmt.Errorf("%w: %d MiB are free where %s is, and a backup takes up to %d MiB; make room, or lower backup.keep",
			pipeline.ErrFull, free>>20, dir, info.Size()>>20)
	}
	return nil
}
