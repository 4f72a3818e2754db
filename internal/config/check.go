package config

import (
	"maps"
	"net"
	"slices"
	"strings"
)

// check finds what one section says that another one contradicts.
func (d *decoder) check(root *node, c *Config) {
	d.checkGateway(root, c)
	d.checkListen(root, c)
	d.checkOps(root, c)
	d.checkEvents(root, c)
	d.checkDoor(root, &c.Events)
	d.checkOAI(root, c)
	d.checkStore(root, c)
	d.checkBackup(root, c)
	d.checkLook(root, c)
	d.checkTracing(root, c)
	d.checkWebhooks(root, c)
	d.checkLimits(root, c)
	d.checkWas(root, c)
}

// where returns the place at which a problem with a key of a section is shown: that of its value, or of the last key above
// it that the file has.
func (n *node) where(section, key string) place {
	s := n.field(section)
	if s == nil {
		return n.place
	}
	if f := s.value.field(key); f != nil {
		return f.value.place
	}
	return s.place
}

// has reports whether the section has the key, and the key holds something.
func (n *node) has(section, key string) bool {
	s := n.field(section)
	if s == nil {
		return false
	}
	f := s.value.field(key)
	return f != nil && f.value.shape != null
}

func (d *decoder) checkGateway(root *node, c *Config) {
	if len(c.names) == 0 {
		return
	}
	if !root.has("gateway", "namespace") {
		d.problem(root.where("gateway", "namespace"), "gateway.namespace",
			"is needed before anything is harvested, because it is part of every identifier for ever; set it to a domain name of your own, such as gateway.example.org")
	}
	remote := func(s *Source) bool { return slices.ContainsFunc(s.From, IsURL) }
	if !root.has("gateway", "contact") && slices.ContainsFunc(slices.Collect(maps.Values(c.Sources)), remote) {
		d.warning(root.where("gateway", "contact"), "gateway.contact",
			"is not set; give the e-mail address of a person, so that the sources can reach you before they shut you out")
	}
}

func (d *decoder) checkListen(root *node, c *Config) {
	type listener struct{ section, key, address string }
	all := []listener{{"listen", "public", c.Listen.Public}, {"listen", "ops", c.Listen.Ops}}
	if c.Events.Kind == "embedded" {
		all = append(all, listener{"events", "listen", c.Events.Listen})
		if c.Events.WebSocket != "" {
			all = append(all, listener{"events", "websocket", c.Events.WebSocket})
		}
	}
	for i, b := range all {
		for _, a := range all[:i] {
			if overlap(a.address, b.address) {
				d.problem(root.where(b.section, b.key), b.section+"."+b.key,
					"%q is taken by %s.%s; use another port", b.address, a.section, a.key)
			}
		}
	}
}

// overlap reports whether two listeners can't both have their address.
func overlap(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	if portA != portB || strings.Trim(portA, "0") == "" {
		return false
	}
	every := func(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }
	return hostA == hostB || every(hostA) || every(hostB)
}

func (d *decoder) checkEvents(root *node, c *Config) {
	e := &c.Events
	uses := map[string][]string{
		"embedded": {"listen", "users_file", "tls", "open", "replicas", "keep", "stream_prefix", "window", "sync", "websocket", "readers"},
		"nats":     {"urls", "credentials_file", "nkey_file", "ca_file", "client_certificate", "domain", "streams", "replicas", "keep", "stream_prefix", "window"},
	}[e.Kind]
	if s := root.field("events"); s != nil {
		for _, f := range s.value.fields {
			t, known := fieldNamed(configType.Field(fieldIndex("events")).Type, f.key)
			if known && t.key != "kind" && !slices.Contains(uses, t.key) && f.value.shape != null {
				d.problem(f.place, "events."+f.key, "is not used by kind: %s; take it out%s", e.Kind, kindFor(f.key))
			}
		}
	}
	switch {
	case e.Kind == "nats":
		if !root.has("events", "urls") {
			d.problem(root.where("events", "kind"), "events", "kind nats needs urls: the servers, such as tls://n1.example.org:4222")
		}
		if !root.has("events", "replicas") {
			e.Replicas = 3
		}
	case e.Kind == "embedded" && e.Replicas > 1:
		d.problem(root.where("events", "replicas"), "events.replicas", "the embedded broker is one server, so 1 is all it can keep; use kind: nats with a cluster for more")
	}
}

// checkDoor finds what would open the embedded broker to strangers.
func (d *decoder) checkDoor(root *node, e *Events) {
	if e.Users.File != "" {
		if _, err := ReadUsers(e.Users.File); err != nil {
			d.problem(root.where("events", "users_file"), "events.users_file", "%v", err)
		}
	}
	if e.TLS != nil {
		if err := e.TLS.Check(); err != nil {
			d.problem(root.where("events", "tls"), "events.tls", "%v", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Readers)) {
		if what := e.Readers[name].problem(name); what != "" {
			d.problem(root.where("events", "readers"), "events.readers."+name, "%s", what)
		}
	}
	if e.NKey.File != "" && e.Credentials.File != "" {
		d.problem(root.where("events", "nkey_file"), "events.nkey_file", "and credentials_file are two ways to say who the gateway is; give one")
	}
	if e.ClientCert != nil {
		if err := e.ClientCert.Check(); err != nil {
			d.problem(root.where("events", "client_certificate"), "events.client_certificate", "%v", err)
		}
	}
	if err := e.Guarded(); err != nil {
		d.problem(root.where("events", "listen"), "events.listen", "%v", err)
	}
}

func kindFor(key string) string {
	if slices.Contains([]string{"urls", "credentials_file", "nkey_file", "ca_file", "client_certificate", "domain", "streams"}, key) {
		return ", or set kind: nats"
	}
	return ""
}

func fieldIndex(key string) int {
	t, _ := fieldNamed(configType, key)
	return t.index
}

func (d *decoder) checkOAI(root *node, c *Config) {
	if n := len(c.OAI.Key.Value()); c.OAI.Key.File != "" && n < 16 {
		d.problem(root.where("oai", "key_file"), "oai.key_file",
			"holds %d bytes; a key needs at least 16. Make one with: openssl rand -hex 32", n)
	}
	if c.OAI.Branding != nil && c.OAI.Branding.Icon == "" {
		d.problem(root.where("oai", "branding"), "oai.branding", "needs icon: the URL of an image")
	}
}

func (d *decoder) checkLimits(root *node, c *Config) {
	l := &c.Limits
	if root.has("limits", "burst") && l.Requests == 0 {
		d.problem(root.where("limits", "burst"), "limits.burst", "counts together with requests, the average a second, which is not set; set it, or take burst out")
	}
	if l.Total < l.Concurrency {
		d.problem(root.where("limits", "concurrency"), "limits.concurrency", "%d requests of one client are more than the %d of all (limits.total); make total larger", l.Concurrency, l.Total)
	}
}

// checkWas makes sure that an earlier name belongs to only one source.
func (d *decoder) checkWas(root *node, c *Config) {
	owner := map[string]string{}
	for _, name := range c.names {
		if len(c.Sources[name].Was) == 0 {
			continue
		}
		f := root.field("sources").value.field(name).value.field("was")
		for i, was := range c.Sources[name].Was {
			key := "sources." + name + ".was"
			switch _, configured := c.Sources[was]; {
			case was == name && i == 0 && len(c.Sources[name].Was) > 1: // it is called again as it was first
			case was == name:
				d.problem(f.value.place, key, "%q is the source's present name", was)
			case configured:
				d.problem(f.value.place, key, "there is a source %q; the records of that name are its own", was)
			case owner[was] != "":
				d.problem(f.value.place, key, "%q is given by the source %q too; only one can have been it", was, owner[was])
			}
			owner[was] = name
		}
	}
}
