package observe

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// backupMemo is the name of the memo in which the log keeps when it was backed up last, in seconds since 1970.
const backupMemo = "backup_last"

// Backups shows when the log was backed up last, and how often it should be.
type Backups struct {
	Kept  Memos
	Every func() time.Duration // from one scheduled copy to the next; zero: none is scheduled
}

var (
	descBackup      = desc("sheaf_backup_last_success_timestamp_seconds", "When a copy of the log was last written, by sheaf backup or as scheduled; absent if none ever was.")
	descBackupEvery = desc("sheaf_backup_interval_seconds", "How long after a scheduled backup the next one is made; absent if none is scheduled.")
)

// Done notes that the log was backed up now.
func (b *Backups) Done(ctx context.Context) error {
	if err := b.Kept.SetMemo(ctx, backupMemo, strconv.FormatInt(time.Now().Unix(), 10)); err != nil {
		return fmt.Errorf("the backup is written; note the time of it: %w", err)
	}
	return nil
}

// Describe implements [prometheus.Collector].
func (b *Backups) Describe(ch chan<- *prometheus.Desc) {
	ch <- descBackup
	ch <- descBackupEvery
}

// Collect implements [prometheus.Collector].
func (b *Backups) Collect(ch chan<- prometheus.Metric) {
	if every := b.Every(); every > 0 {
		ch <- prometheus.MustNewConstMetric(descBackupEvery, prometheus.GaugeValue, every.Seconds())
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	text, err := b.Kept.Memo(ctx, backupMemo)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descBackup, err)
		return
	}
	if at, err := strconv.ParseInt(text, 10, 64); err == nil {
		ch <- prometheus.MustNewConstMetric(descBackup, prometheus.GaugeValue, float64(at))
	}
}
