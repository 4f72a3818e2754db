package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Webhook is a receiver that is sent each change by HTTP, signed as Standard Webhooks has it.
type Webhook struct {
	// Where changes are sent, a POST request for each.
	URL string `yaml:"url" as:"url" also:"to,endpoint,target"`
	// A file that holds the secret that requests are signed with: whsec_ and 24 to 64 bytes in base64. The receiver has it
	// too.
	Secret Secret `yaml:"secret_file" also:"secret,key_file,key"`
	// Secrets that requests are signed with as well, so that a receiver can change from one to the other.
	OldSecrets []Secret `yaml:"old_secret_files" also:"old_secrets"`
	// The sources whose changes are sent. Default: all.
	Sources []string `yaml:"sources" also:"source"`
	// The set whose changes are sent; a record that leaves it is sent as deleted. Default: all records.
	Set string `yaml:"set" as:"setspec" also:"sets"`
	// upserted: new and changed records. deleted: those that are gone. Default: both.
	Operations []string `yaml:"operations" enum:"upserted,deleted" also:"operation,events"`
	// head: a new webhook is sent what changes from now on. beginning: it is sent every record first. Default: head.
	From string `yaml:"from" enum:"head,beginning" also:"start"`
	// Networks without public addresses that the receiver may be in, such as 10.0.0.0/8. Default: none; a receiver that its name
	// leads to there is not asked.
	AllowPrivate []netip.Prefix `yaml:"allow_private" also:"private_networks,private"`
	// How long the receiver may take to answer. Default: 15s.
	Timeout time.Duration `yaml:"timeout" min:"1s" max:"60s"`
	// How many requests may be under way at once. The changes of one record come one after the other in any case. Default: 8.
	Parallel int `yaml:"parallel" min:"1" max:"64" also:"concurrency"`
	// How often a change that was refused is tried again: after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and
	// 24 h. Then it is a dead letter. Default: 9.
	Retries int `yaml:"retries" min:"0" max:"9"`
}

func (w *Webhook) setDefaults() {
	w.From, w.Timeout, w.Parallel, w.Retries = "head", 15*time.Second, 8, 9
}

// Secrets are those that requests are signed with.
func (w *Webhook) Secrets() (out [][]byte, err error) {
	for _, s := range append([]Secret{w.Secret}, w.OldSecrets...) {
		secret, err := webhookSecret(s.Value())
		if err != nil {
			return nil, err
		}
		out = append(out, secret)
	}
	return out, nil
}

// webhookSecret reads a secret as Standard Webhooks writes it.
func webhookSecret(text string) ([]byte, error) {
	const least, most = 24, 64
	encoded, found := strings.CutPrefix(text, "whsec_")
	secret, err := base64.StdEncoding.DecodeString(encoded)
	switch {
	case !found || err != nil:
		return nil, errors.New("must hold whsec_ and base64 behind it")
	case len(secret) < least || len(secret) > most:
		return nil, fmt.Errorf("holds %d bytes; a secret has %d to %d", len(secret), least, most)
	}
	return secret, nil
}

// checkWebhooks finds webhooks that can't work.
func (d *decoder) checkWebhooks(root *node, c *Config) {
	section := root.field("webhooks")
	if section == nil {
		return
	}
	var was []string
	for _, s := range c.Sources {
		was = append(was, s.Was...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Webhooks)) {
		w, f := c.Webhooks[name], section.value.field(name)
		key := "webhooks." + name
		at := func(k string) place { // that of the key's value, or of the webhook
			if v := f.value.field(k); v != nil {
				return v.value.place
			}
			return f.place
		}
		if !nameGrammar.MatchString(name) {
			d.problem(f.place, key, "a webhook's name must be letters a–z, digits and hyphens, at most 64, and not begin with a hyphen")
		}
		switch {
		case f.value.field("url") == nil:
			d.problem(f.place, key, "needs url: where changes are sent")
		case strings.HasPrefix(w.URL, "http:") && len(w.AllowPrivate) == 0:
			d.warning(at("url"), key+".url", "is not encrypted: whoever is on the way reads and changes what is sent; use https://")
		}
		if f.value.field("secret_file") == nil {
			d.problem(f.place, key, "needs secret_file: a file that holds the secret that requests are signed with; %s", makeSecret)
		}
		d.checkSecrets(at("secret_file"), key+".secret_file", w.Secret)
		d.checkSecrets(at("old_secret_files"), key+".old_secret_files", w.OldSecrets...)
		for _, source := range w.Sources {
			if _, is := c.Sources[source]; !is && !slices.Contains(was, source) {
				d.problem(at("sources"), key+".sources", "there is no source %q", source)
			}
		}
	}
}

// makeSecret says how a secret is made.
const makeSecret = "make one with: echo whsec_$(openssl rand -base64 32)"

func (d *decoder) checkSecrets(at place, key string, all ...Secret) {
	for _, s := range all {
		if s.File == "" { // it could not be read, which is told
			continue
		}
		if _, err := webhookSecret(s.Value()); err != nil {
			d.problem(at, key, "%q %v; %s", filepath.Base(s.File), err, makeSecret)
		}
	}
}
