package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/backup"
	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// keepBackups makes the backups that the configuration asks for.
func (c *Core) keepBackups() *backup.Keeper {
	b := &c.Config.Backup
	return &backup.Keeper{
		Dir: b.To, Every: b.Every, Keep: b.Keep, Write: c.Store.Backup, Room: c.roomForBackup, Logger: c.logger,
		Done: func(ctx context.Context, _ string) {
			if err := c.backups.Done(ctx); err != nil {
				c.logger.Warn("sheaf_backup_last_success_timestamp_seconds is out of date", "err", err)
			}
		},
	}
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
