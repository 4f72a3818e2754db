package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

type validateCmd struct {
	URL            string         `arg:"" name:"url" help:"The base URL of the endpoint."`
	Prefix         string         `default:"oai_dc" help:"The format whose lists are walked. Default: oai_dc."`
	MaxPages       int            `default:"50" placeholder:"N" help:"Pages that are walked of each list. Default: 50."`
	MaxRecords     int            `default:"10000" placeholder:"N" help:"Records after which a walk ends. Default: 10000."`
	MaxRequests    int            `default:"1000" placeholder:"N" help:"Requests after which the check ends. Default: 1000."`
	Pause          time.Duration  `default:"1s" placeholder:"TIME" help:"Wait before each request. Default: 1s."`
	Timeout        time.Duration  `default:"1m" placeholder:"TIME" help:"Patience with one answer. Default: 1m."`
	MaxTime        time.Duration  `default:"30m" placeholder:"TIME" help:"Patience with the whole. Default: 30m."`
	PrivateNetwork []netip.Prefix `placeholder:"NETWORK" help:"A private network in which the endpoint may be, such as 10.20.0.0/16."`
	Contact        string         `placeholder:"EMAIL" help:"Whom the endpoint's operators can write to. Default: gateway.contact."`
	Strict         bool           `help:"Advice that is not followed counts as a finding too."`
	JSON           bool           `help:"Print JSON."`
}

func (validateCmd) Help() string {
	return `Holds any OAI-PMH endpoint against the specification: about a hundred requests, and walks through its lists. It says what was checked, what failed, and for each failure the request, the place in the answer and the clause. What no clause demands, though harvesters suffer from it, is advice and no failure. What follows from something else is told with its cause ("hence"), and not as a failure of its own. It only reads, and is polite: it pauses before each request, waits where it is told to, and leaves an endpoint alone that puts a wall before programs, does not answer three times, or asks for more patience than a minute.

The exit status is 0 if nothing failed, 3 if something did (with --strict: if there is advice), or if the endpoint stopped answering on the way, 1 if it could not be checked at all.`
}

func (validateCmd) Examples() []string {
	return []string{
		"sheaf validate https://repository.example.edu/oai/request",
		"sheaf validate --pause 0s --max-pages 1000 --json http://127.0.0.1:8080/oai",
	}
}

func (c *validateCmd) Run(e *env) error {
	base, err := c.base()
	if err != nil {
		return err
	}
	options, err := c.options(e)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(e.ctx, c.MaxTime, fmt.Errorf("the time of --max-time %s is over", c.MaxTime))
	defer cancel()
	if !c.JSON {
		fmt.Fprintf(e.stderr, "Checking %s: about a hundred requests, %s apart, and its lists.\n", wording.ClipLine(base, 200), c.Pause)
	}
	report, err := oaitest.Check(ctx, base, options)
	if report == nil {
		return usageError{err}
	}
	if e.ctx.Err() != nil {
		return errors.New("interrupted; nothing was changed, and nothing is reported")
	}
	if err != nil {
		report.Stopped = context.Cause(ctx).Error()
	}
	if err := c.print(e, report); err != nil {
		return err
	}
	demands, advice := report.Failures()
	switch {
	case report.Stopped != "" && untouched(report):
		return fmt.Errorf("%s could not be checked: %s", wording.ClipLine(base, 200), wording.ClipLine(report.Stopped, 500))
	case len(demands) > 0, report.Stopped != "", c.Strict && len(advice) > 0:
		return errLook
	}
	return nil
}

// base returns the URL without the arguments of a request, because people paste whole requests.
func (c *validateCmd) base() (string, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return "", usagef("%s is not a whole http or https URL, such as https://example.org/oai", wording.ClipLine(c.URL, 200))
	case u.User != nil:
		return "", usagef("the URL holds a user; sheaf validate checks what everybody can reach: leave it out")
	case u.RawQuery != "" && !u.Query().Has("verb"):
		return "", usagef("%s has a query of its own, which OAI-PMH does not allow in a base URL; leave it out", wording.ClipLine(c.URL, 200))
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String(), nil
}

func (c *validateCmd) options(e *env) (o oaitest.Options, err error) {
	switch {
	case c.MaxPages < 1 || c.MaxRecords < 1 || c.MaxRequests < 1:
		return o, usagef("--max-pages, --max-records and --max-requests must be 1 or more")
	case c.Pause < 0 || c.Timeout <= 0 || c.MaxTime <= 0:
		return o, usagef("--pause, --timeout and --max-time can't be less than nothing; a time is written 500ms, 10s or 5m")
	}
	contact := c.Contact
	if contact == "" {
		cfg, err := e.config()
		if err != nil {
			return o, err
		}
		contact = cfg.Gateway.Contact
	}
	agent := "Sheaf/" + version() + " (OAI-PMH validator)"
	if contact != "" {
		agent = "Sheaf/" + version() + " (OAI-PMH validator; +mailto:" + wording.Line(contact) + ")"
	}
	return oaitest.Options{
		Client: &http.Client{Timeout: c.Timeout, Transport: c.transport()}, UserAgent: agent, Prefix: c.Prefix, MaxPages: c.MaxPages, MaxRecords: c.MaxRecords, MaxRequests: c.MaxRequests,
		Delay: cmp.Or(c.Pause, -1), // zero would mean the default
	}, nil
}

// transport connects only where a harvest of the endpoint would connect. Unlike a harvest it decompresses answers.
func (c *validateCmd) transport() http.RoundTripper {
	t := harvest.NewTransport(c.Timeout, harvest.Reach{From: []string{c.URL}, Networks: c.PrivateNetwork})
	t.DisableCompression = false
	return t
}

// print writes the report. The report repeats what the endpoint sent, so all of it is cleaned before it reaches a
// terminal.
func (c *validateCmd) print(e *env, report *oaitest.Report) error {
	if c.JSON {
		return printJSON(e.stdout, report)
	}
	var b strings.Builder
	if err := report.WriteText(&b); err != nil {
		return err
	}
	_, err := fmt.Fprintln(e.stdout, cleanLines(strings.TrimSuffix(b.String(), "\n"), b.Len()+1))
	return err
}

// untouched reports whether no check had anything to look at.
func untouched(r *oaitest.Report) bool {
	for _, x := range r.Results {
		if x.Outcome != oaitest.Skipped {
			return false
		}
	}
	return true
}
