package main

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What systemd is told of a service of Type=notify.
const (
	ready     = daemon.SdNotifyReady
	reloading = daemon.SdNotifyReloading
	stopping  = daemon.SdNotifyStopping
)

// tellSystemd says how the service stands, if systemd started it. Where it can't be told, it stops waiting by itself.
func tellSystemd(state string) { _, _ = daemon.SdNotify(false, state) }

// watch tells systemd's watchdog that the gateway is alive for as long as the log answers, with an error perhaps: one
// that hangs is started again. The function that it returns ends the watch.
func watch(ctx context.Context, log interface {
	Head(context.Context) (pipeline.Head, error)
}) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	within, err := daemon.SdWatchdogEnabled(false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err != nil || within <= 0 {
			return
		}
		tick := time.NewTicker(within / 3)
		defer tick.Stop()
		for {
			_, _ = log.Head(ctx)
			tellSystemd(daemon.SdNotifyWatchdog)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
