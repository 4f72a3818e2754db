package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// errReplaced says that a place is none of the log that is watched.
var errReplaced = errors.New("the log was replaced")

// fromGateway prints the changes of a gateway elsewhere, which it tells over HTTP.
func (c *watchCmd) fromGateway(e *env, after pipeline.Position) error {
	if c.Server != "" {
		return usagef("--from asks the gateway itself, and --server its broker: one of them is enough")
	}
	u, err := gatewayURL(c.From)
	if err != nil {
		return err
	}
	last := after
	if last == (pipeline.Position{}) {
		if last.Cursor, err = headOf(e.ctx, u); err != nil {
			return err
		}
		if c.After == beginning {
			last.Seq = 0
		}
	}
	f := follow.Follower{
		Gateway: u.String(), Source: c.Source, With: follow.With{Line: c.JSON},
		Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	err = f.Follow(e.ctx, follow.Place{Position: last}, func(_ context.Context, b *follow.Batch) error {
		if b.Sweep() || b.Place.Filling { // everything would come again
			return errReplaced
		}
		for i := range b.Changes {
			if err := c.printChange(e, &b.Changes[i]); err != nil {
				return err
			}
		}
		last = b.Place.Position
		return nil
	})
	switch {
	case e.ctx.Err() != nil:
		c.saysHowToGoOn(e, last)
		return nil
	case errors.Is(err, errReplaced):
		return replaced(last)
	}
	return err
}

func (c *watchCmd) printChange(e *env, ch *follow.Change) error {
	if c.JSON {
		_, err := fmt.Fprintf(e.stdout, "%s\n", ch.Line)
		return err
	}
	title := ch.Title
	if values := ch.Record["title"]; len(values) > 0 {
		title = values[0].Value
	}
	return printEvent(e.stdout, pipeline.Cursor{Epoch: ch.Epoch, Seq: ch.Seq}, string(ch.Operation), ch.Reason, ch.Identifier, title)
}

// gatewayURL reads the address of a gateway.
func gatewayURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usagef("%s is not a whole http or https URL, such as https://gateway.example.org/", wording.ClipLine(s, 200))
	}
	return u, nil
}

// headOf asks a gateway where its log ends.
func headOf(ctx context.Context, u *url.URL) (pipeline.Cursor, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resp, err := askChanges(ctx, u)
	if err != nil {
		return pipeline.Cursor{}, err
	}
	defer resp.Body.Close()
	if !isFeed(resp) {
		return pipeline.Cursor{}, fmt.Errorf("%s is no gateway that tells of changes: /changes is answered %s", wording.ClipLine(u.String(), 200), resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 128<<20) // as long as a line may be
	for lines.Scan() {
		var end struct{ Head *follow.Head }
		if err := json.Unmarshal(lines.Bytes(), &end); err == nil && end.Head != nil {
			return pipeline.Cursor{Epoch: end.Head.Epoch, Seq: end.Head.Seq}, nil
		}
	}
	return pipeline.Cursor{}, errors.Join(fmt.Errorf("the answer of %s was cut", wording.ClipLine(u.String(), 200)), lines.Err())
}
