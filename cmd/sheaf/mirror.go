package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/mirror"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

type mirrorCmd struct {
	Copy   string      `arg:"" help:"The folder, or with --format sqlite the file. It is made if it is not there."`
	From   string      `required:"" placeholder:"URL" help:"The public address of a gateway, or the base URL of any OAI-PMH repository."`
	Format mirror.Form `default:"xml" enum:"xml,json,sqlite" placeholder:"xml|json|sqlite" help:"How records are written: xml, a file each as OAI-PMH serves it, json, a file each as in /changes, or sqlite, a row each in one SQLite file. Default: xml."`
	NATS   string      `name:"nats" placeholder:"URL" help:"Where the gateway's events are, so that it need not be asked for news."`
	Once   bool        `help:"End when the copy is equal."`
	Verify bool        `help:"End when the copy is equal, and prove it."`
}

func (mirrorCmd) Help() string {
	return `Keeps a folder equal to what a gateway holds: a file for each record, in folders by a hash of its identifier. It goes on until Ctrl-C, and where it was when it is run again, also if it was killed.

With --format sqlite it is one SQLite file instead. The table record has the columns identifier, datestamp, oai_dc and change (as in /changes, JSON), and can be asked meanwhile.

With --verify the digest of the records is compared with that of the gateway's log. The exit status is 0 only if they are equal, 3 if not; then it says which records differ.

From an OAI-PMH repository that is no gateway the whole list is fetched, so it needs --once (run it from a timer) or --verify. What is not in the list any more is removed from the copy. There --verify walks through the list a second time: it proves that the copy is equal to what two passes saw, and no more.`
}

func (mirrorCmd) Examples() []string {
	return []string{
		"sheaf mirror copy --from https://gateway.example.org/",
		"sheaf mirror copy --from https://gateway.example.org/ --verify",
		"sheaf mirror copy.db --from https://gateway.example.org/ --format sqlite",
		"sheaf mirror archive --from https://repository.example.edu/oai/request --once",
	}
}

func (c *mirrorCmd) Run(e *env) (err error) {
	u, err := gatewayURL(c.From)
	if err != nil {
		return err
	}
	copied, err := mirror.Open(c.Copy, u.String(), c.Format)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	gateway := copied.Place() != (follow.Place{}) && copied.Place().Asked != ""
	if copied.Place() == (follow.Place{}) {
		if gateway, err = isGateway(e.ctx, u); err != nil {
			return err
		}
	}
	if gateway {
		return c.fromGateway(e, copied)
	}
	return c.fromRepository(e, copied)
}

// patience is how long nothing may come of trying, when the command is to end.
const patience = 2 * time.Minute

// isGateway says whether an address has a feed of changes.
func isGateway(ctx context.Context, u *url.URL) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resp, err := askChanges(ctx, u)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	return isFeed(resp), nil
}

// askChanges asks for one change. The error is one that may pass.
func askChanges(ctx context.Context, u *url.URL) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("changes").String()+"?limit=1", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 {
		_ = resp.Body.Close() // nothing in it is wanted
		return nil, fmt.Errorf("%s answers %s; try again later", wording.ClipLine(u.String(), 200), resp.Status)
	}
	return resp, nil
}

// isFeed says whether an answer is that of a feed of changes.
func isFeed(resp *http.Response) bool {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return resp.StatusCode == http.StatusOK && media == "application/x-ndjson"
}

func (c *mirrorCmd) fromGateway(e *env, copied *mirror.Copy) error {
	f := follow.Follower{
		Gateway: c.From, NATS: c.NATS, With: follow.With{OAIDC: true},
		Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	if !c.Once && !c.Verify {
		err := f.Follow(e.ctx, copied.Place(), copied.Write)
		if e.ctx.Err() != nil {
			fmt.Fprintf(e.stderr, "The copy is as the gateway was at %s. The same command goes on from there.\n", copied.Place().Cursor)
			return nil
		}
		return err
	}
	f.Patience = patience
	if c.Verify {
		v, err := copied.Verify(e.ctx, f)
		if err != nil {
			return err
		}
		return c.verdict(e, v, "the digest of the gateway's log")
	}
	if err := f.CatchUp(e.ctx, copied.Place(), copied.Write); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The copy is as the gateway was at %s.\n", copied.Place().Cursor)
	return nil
}

func (c *mirrorCmd) fromRepository(e *env, copied *mirror.Copy) error {
	if c.NATS != "" {
		return usagef("%s is no gateway, and has no events: leave --nats out", wording.ClipLine(c.From, 200))
	}
	if !c.Once && !c.Verify {
		return usagef("%s is no gateway that can be followed; with --once (from a timer, say) or --verify its whole list is fetched", wording.ClipLine(c.From, 200))
	}
	client := &oaipmh.Client{BaseURL: c.From, UserAgent: "Sheaf/" + version()}
	if err := copied.Harvest(e.ctx, client); err != nil {
		return err
	}
	if !c.Verify {
		fmt.Fprintln(e.stdout, "The copy has what the list has.")
		return nil
	}
	v, err := copied.VerifyHarvest(e.ctx, client)
	if err != nil {
		return err
	}
	return c.verdict(e, v, "what a second pass through the list saw (the repository has no digest, so no more can be proven)")
}

func (c *mirrorCmd) verdict(e *env, v *mirror.Verdict, than string) error {
	if v.Equal {
		fmt.Fprintf(e.stdout, "Equal to %s: %d records, digest %s\n", than, v.Records, v.Digest)
		return nil
	}
	fmt.Fprintf(e.stdout, "NOT equal to %s: %d records, digest %s instead of %s\n", than, v.Records, v.Digest, v.Theirs)
	for _, d := range v.Differ {
		fmt.Fprintf(e.stdout, "  %s\n", wording.ClipLine(d, 500))
	}
	if more := v.Found - len(v.Differ); more > 0 {
		fmt.Fprintf(e.stdout, "  and %d more\n", more)
	}
	fmt.Fprintln(e.stdout, "A mirror that is begun anew will be equal.")
	return errLook
}
