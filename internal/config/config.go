package config

import (
	"net/netip"
	"time"

	_ "time/tzdata" // gateway.zone means the same in a container without zone files
)

// Config is a whole configuration. The zero value is not useful; see Default and Load.
//
// In the struct tags, yaml is the key, as names what a text must be (texts.go), enum, min and max
// bound a value, also lists words that people write when they mean this key, own:"true" a key that belongs to one source and cannot be
// inherited, and required:"true" one that every source needs.
type Config struct {
	// Who this gateway is.
	Gateway Gateway `yaml:"gateway"`
	// The folder that holds everything the gateway keeps. Default: sheaf-data, beside the
	// configuration file.
	Data string `yaml:"data" as:"path" also:"data_dir,datadir,dir"`
	// The addresses that the gateway listens on.
	Listen Listen `yaml:"listen"`
	// Where the log of records is kept.
	Store Store `yaml:"store" also:"database,db"`
	// How changes are published.
	Events Events `yaml:"events" also:"nats"`
	// Receivers that are sent each change by HTTP, by their names: letters a–z, digits and hyphens, at most 64.
	Webhooks map[string]*Webhook `yaml:"webhooks" also:"webhook,hooks"`
	// The OAI-PMH endpoint.
	OAI OAI `yaml:"oai"`
	// The dump at /dump: every record in files, for services that begin to follow the gateway.
	Dump Dump `yaml:"dump" also:"dumps,snapshot"`
	// What the gateway keeps beside the records, and how much of it.
	Keep Keeping `yaml:"keep" also:"retention,retain"`
	// Copies of the log that the gateway makes by itself.
	Backup Backup `yaml:"backup" also:"backups"`
	// The search of the public pages.
	Search Search `yaml:"search" also:"index"`
	// How the public pages look.
	Look Look `yaml:"look" also:"pages,site,theme"`
	// What one client of the public side may take, so that all get something.
	Limits Limits `yaml:"limits" also:"limit,throttle"`
	// What is written about the gateway's work, to the standard error.
	Log Log `yaml:"log" also:"logging,logs"`
	// Which way records took, told to a collector of OpenTelemetry.
	Tracing Tracing `yaml:"tracing" also:"traces,opentelemetry,otel"`
	// What every source has unless its group or itself says otherwise.
	Defaults *Source `yaml:"defaults" also:"default"`
	// Settings that several sources share; a source names its group.
	Groups map[string]*Source `yaml:"groups" also:"group"`
	// What is harvested. The name of a source is part of its records' identifiers for ever:
	// letters a–z, digits and hyphens, at most 64.
	Sources map[string]*Source `yaml:"sources" also:"source"`
	// Sets made by rules, over the records of all sources. The name of a set is part of its spec,
	// rules:<name>, for ever: letters a–z, digits and hyphens, at most 64.
	Sets map[string]*Set `yaml:"sets" also:"set,collections"`
	// Other files to read: names or patterns such as sources.d/*.yaml, relative to this file. An
	// included file holds sections like this one, or nothing but sources.
	//
	// Once loaded, these are the files that were included.
	Include []string `yaml:"include" also:"includes,import"`

	// Warnings are problems that do not keep the gateway from running.
	Warnings Problems `yaml:"-"`

	names []string // the sources in the order of the files
}

// Log says what is logged, and in which form.
type Log struct {
	// The least that is worth a line: debug, info, warn or error. Default: info.
	Level string `yaml:"level" enum:"debug,info,warn,error" also:"verbosity"`
	// text for people, json for programs, a line each. Default: text.
	Format string `yaml:"format" enum:"text,json"`
	// A line for each request of OAI-PMH: its number (the header X-Request-Id of the answer), who asked, for what, and
	// what came of it. The addresses of clients are personal data in many countries.
	Requests bool `yaml:"requests" also:"access,access_log"`
}

// Gateway says who this gateway is.
type Gateway struct {
	// What the gateway is called, for people.
	Name string `yaml:"name" also:"title"`
	// The public root, as the world sees it, such as https://gateway.example.org. The OAI-PMH base
	// URL is this and /oai, exactly.
	URL string `yaml:"url" as:"root" also:"base_url,baseurl"`
	// The domain in every identifier, oai:<namespace>:…, for ever: at least two labels that start
	// with a letter, such as gateway.example.org. Without it nothing is harvested.
	Namespace string `yaml:"namespace" as:"namespace" also:"domain"`
	// The address of a person, given to the sources that are harvested and to the harvesters that come.
	Contact string `yaml:"contact" as:"email" also:"email,admin_email,admin"`
	// The time zone that "at" and "window" are meant in, such as Europe/Paris. Default: UTC.
	Zone *time.Location `yaml:"zone" also:"timezone,tz"`
}

// BaseURL is the base URL of the OAI-PMH endpoint; empty without URL.
func (g *Gateway) BaseURL() string {
	if g.URL == "" {
		return ""
	}
	return g.URL + "/oai"
}

// Listen says where the gateway listens. Addresses are HOST:PORT, or :PORT for every interface.
type Listen struct {
	// What the world may reach: OAI-PMH, and pages for people, with a search.
	Public string `yaml:"public" as:"listen" also:"http,address"`
	// The certificate of the public listener, which then speaks HTTPS. Without it something before the gateway does, or
	// nothing.
	PublicTLS *TLS `yaml:"public_tls" also:"https_public"`
	// Has the public listener speak HTTPS with certificates that an authority gives and renews by ACME, such as Let's
	// Encrypt, which must reach the listener on port 443 of each host.
	PublicACME *ACME `yaml:"public_acme" also:"acme,autocert,letsencrypt"`
	// What operators need: metrics, health, profiling. Keep it off the public side.
	Ops string `yaml:"ops" as:"listen" also:"metrics,admin"`
	// A file that holds a token, at least 16 bytes: operators send it as Authorization: Bearer, or as the password of
	// any user, and may do everything. Beyond loopback the ops listener needs it, ops_users_file or ops_oidc, and ops_tls. Default:
	// ops.token in the data folder, which is made at the first start and needed only to change something.
	OpsToken Secret `yaml:"ops_token_file" also:"ops_token,token,token_file"`
	// A file of those who may sign in to the operators' pages, as htpasswd -B writes it. It is read again when it changes.
	OpsUsers Secret `yaml:"ops_users_file" also:"ops_users,users_file,users,htpasswd"`
	// What each of them may do: read (everything can be seen), act (also harvests, pauses, decisions, quarantine) or admin
	// (also takedowns and backups). Default: read.
	OpsRoles map[string]string `yaml:"ops_roles" also:"roles"`
	// An OpenID Connect provider where people sign in to the operators' pages, beside the users of ops_users_file.
	OIDC *OpenID `yaml:"ops_oidc" also:"oidc,openid,ops_openid,sso"`
	// The certificate of the ops listener, which then speaks HTTPS.
	OpsTLS *TLS `yaml:"ops_tls" also:"tls,https"`
	// The ops listener may be reached beyond loopback without token and certificate, because something else
	// keeps strangers away.
	OpsOpen bool `yaml:"ops_open" also:"open,insecure"`
	// The only clients of the ops listener that are answered, as addresses or networks such as 10.0.0.0/8; this machine
	// always is. Default: everybody who reaches it.
	OpsAllow []netip.Prefix `yaml:"ops_allow" also:"ops_networks,allow"`
	// Names, beside addresses and names without a dot, by which the ops listener is asked without a token.
	OpsHosts []string `yaml:"ops_hosts" as:"host" also:"hosts,allowed_hosts"`
	// Proxies, as addresses or networks such as 10.0.0.0/8, whose word about a client's address is taken.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies" also:"proxies"`
}

// A TLS says how a listener proves who it is. The files are read anew for each connection, so that a
// certificate that was renewed needs no restart.
type TLS struct {
	// The certificate, with those that vouch for it, in PEM.
	Cert File `yaml:"cert_file" also:"cert,certificate"`
	// Its private key, in PEM.
	Key Secret `yaml:"key_file" also:"key"`
}

// Store says where the log of records is kept.
type Store struct {
	// sqlite: a file in the data folder. postgres: a database of PostgreSQL 15 or later, which nothing else uses.
	Kind string `yaml:"kind" enum:"sqlite,postgres" also:"type"`
	// A file that holds how the database is reached, in a form of PostgreSQL's, such as
	// postgres://sheaf:PASSWORD@db.example.org/sheaf?sslmode=verify-full.
	DSN Secret `yaml:"dsn_file" also:"dsn,url,connection"`
	// A file that holds how a replica of the database is reached, from which lists, /changes, feeds and pages are served
	// as long as it is not behind. The gateway does without it while it is away.
	Replica Secret `yaml:"replica_dsn_file" also:"replica_dsn,replica,read_dsn_file"`
	// transaction: the DSN leads to pgbouncer or another pooler that gives a connection to others after each
	// transaction, as its setting pool_mode says. session: to the database itself, or a pooler that does not.
	PoolMode string `yaml:"pool_mode" enum:"session,transaction"`
	// How many connections to the database the gateway has at most. Three of them write.
	MaxConnections int `yaml:"max_connections" min:"4" max:"1000" also:"connections,pool,pool_size"`
}

// Events says how changes are published.
type Events struct {
	// embedded: a broker inside the gateway. nats: a NATS cluster of one's own. none: nothing is published.
	Kind string `yaml:"kind" enum:"embedded,nats,none" also:"type"`
	// Where the embedded broker listens for clients. Beyond this machine it needs users_file and tls, or open.
	Listen string `yaml:"listen" as:"listen"`
	// A file that names those who may read from the embedded broker, a line name:password each. It is
	// read again for each that connects. Default: everyone who can connect may read.
	Users Secret `yaml:"users_file" also:"users,password_file,passwords_file"`
	// The certificate of the embedded broker. Default: connections are not encrypted.
	TLS *KeyPair `yaml:"tls"`
	// Lets everyone who reaches the embedded broker read, also from other machines and without
	// encryption. They can do nothing else.
	Open bool `yaml:"open" also:"insecure"`
	// The servers of the cluster, such as tls://n1.example.org:4222.
	URLs []string `yaml:"urls" as:"nats" also:"url,servers"`
	// A NATS credentials file.
	Credentials Secret `yaml:"credentials_file" also:"credentials,creds,creds_file"`
	// A file that holds the seed of an NKey (it begins with SU), instead of credentials.
	NKey Secret `yaml:"nkey_file" also:"nkey,nkey_seed,nkey_seed_file"`
	// The authorities that vouch for the cluster's certificates, in PEM. Default: those of the system.
	CA File `yaml:"ca_file" also:"ca,cafile"`
	// The gateway's own certificate, for a cluster that asks for one.
	ClientCert *KeyPair `yaml:"client_certificate" also:"client_cert,certificate"`
	// The JetStream domain that the streams are in, where the cluster's leaf nodes have several.
	Domain string `yaml:"domain" also:"jetstream_domain,js_domain"`
	// manage: the gateway makes the streams and keeps their settings. check: somebody else has made them, and the
	// gateway says what differs from what it needs, and publishes nothing until it does not. Default: manage.
	Streams string `yaml:"streams" enum:"manage,check"`
	// How many events may wait for their acknowledgement at once. More hide a longer way to the cluster, cost memory on
	// both sides, and are sent in vain when the first of them is refused. Default: 512.
	Window int `yaml:"window" min:"1" max:"4096" also:"batch,batch_window,in_flight"`
	// How often the embedded broker has the disk keep what was written. An event is in the file before it is
	// acknowledged, so that nothing is lost with the gateway; what a power cut takes is noticed at the start and published
	// again. 0s: before each acknowledgement, which costs nine tenths of the speed, and more on a slow disk. Default: 1s.
	Sync time.Duration `yaml:"sync" min:"0s" max:"10m" also:"sync_interval,fsync"`
	// Where the embedded broker listens for WebSocket clients, such as browsers; by the rules of listen.
	// Default: nowhere.
	WebSocket string `yaml:"websocket" as:"listen" also:"ws,websocket_listen"`
	// Those who may read from the embedded broker by a key, and what, by their names. Each has a durable consumer of its own
	// name, which nobody else can read from, acknowledge or remove.
	Readers map[string]*Reader `yaml:"readers" also:"reader"`
	// On how many servers of the cluster each message is kept. Default: 3 on a cluster, 1 embedded.
	Replicas int `yaml:"replicas" min:"1" max:"5"`
	// How long messages stay in the stream.
	Keep Keep `yaml:"keep" also:"retention"`
	// How the streams are called: SHEAF gives SHEAF_RECORDS and SHEAF_OPS, and subjects below sheaf.v1.
	// Two gateways on one cluster need two of them. Capital letters, digits and hyphens, at most 32.
	StreamPrefix string `yaml:"stream_prefix" as:"stream" also:"prefix,stream"`
}

// A Reader is somebody who reads from the embedded broker by a key.
type Reader struct {
	// The public half of the reader's NKey; it begins with U (nk -gen user -pubout makes both).
	NKey string `yaml:"nkey" also:"key,public_key"`
	// The sources whose events the reader may have. Default: all.
	Sources []string `yaml:"sources" also:"source"`
}

// KeyPair is a certificate and its key, in PEM. The files are read again when they change.
type KeyPair struct {
	// The certificate, and those between it and its authority.
	Cert File `yaml:"cert_file" also:"cert,certificate"`
	// Its key.
	Key File `yaml:"key_file" also:"key"`
}

// Look says how the public pages look.
type Look struct {
	// An image that stands at the head of each page before the name: SVG, PNG, JPEG or WebP, at most 256 KiB.
	Logo File `yaml:"logo" also:"logo_file,icon"`
	// A line at the foot of each page, such as an address.
	Footer string `yaml:"footer"`
	// The URL of a page that says who answers for the gateway; it is linked at the foot of each page.
	Imprint string `yaml:"imprint" as:"url" also:"impressum,legal"`
	// The URL of a page that says what becomes of visitors' data; it is linked at the foot of each page.
	Privacy string `yaml:"privacy" as:"url" also:"privacy_policy,data_protection"`
	// Hosts whose pictures the pages show where a record names one (thumbnail): the browsers of visitors ask these hosts
	// for them, over https. Without any, pages ask no other host for anything.
	Pictures []string `yaml:"pictures" as:"host" also:"thumbnails,images"`
	// Colours by day, each as #rrggbb. Text and links must be readable on their grounds (a contrast of 4.5).
	Light Colours `yaml:"light" also:"colours,colors"`
	// Colours for readers who want dark pages.
	Dark Colours `yaml:"dark"`
	// A folder of templates that stand in place of those of the program, such as start.html. docs/pages.md says how.
	Templates string `yaml:"templates" as:"path" also:"template_dir"`
}

// Colours are those of a page.
type Colours struct {
	// The ground of the page. Default: #fffefb, in the dark #17181a.
	Page string `yaml:"page" as:"colour" also:"background"`
	// The ground of forms and notes. Default: #f4efe4, in the dark #25262a.
	Panel string `yaml:"panel" as:"colour"`
	// Text. Default: #1f1c17, in the dark #e9e6df.
	Text string `yaml:"text" as:"colour" also:"ink"`
	// Text that steps back: dates, counts, labels. Default: #5d564b, in the dark #b0a999.
	Soft string `yaml:"soft" as:"colour" also:"muted"`
	// Links. Default: #0b4f8a, in the dark #8cc2f5.
	Link string `yaml:"link" as:"colour" also:"accent,primary"`
	// Links that were followed. Default: #5b2a86, in the dark #c9a9ef.
	Visited string `yaml:"visited" as:"colour"`
}

// Keep bounds a stream; the older messages go first.
type Keep struct {
	// For how long.
	Age time.Duration `yaml:"age" min:"1h" max:"3660d"`
	// How much of it. Default: what the stream was made with, which is half of what was free on the disk
	// then, and at most 8 GiB.
	Bytes Size `yaml:"bytes" min:"1MB" also:"size"`
}

// OAI configures the OAI-PMH endpoint.
type OAI struct {
	// Records on a page of a list.
	PageSize int `yaml:"page_size" min:"1" max:"1000"`
	// A page ends early when it comes to this many bytes.
	PageBytes Size `yaml:"page_bytes" min:"64KiB" max:"64MiB"`
	// Memory for pages that several harvesters ask for.
	Cache Size `yaml:"cache" min:"1MiB" max:"16GiB"`
	// How often the gateway asks a page of its own list of all records, to find what is wrong with it before
	// harvesters do. 0s: never.
	SelfProbe time.Duration `yaml:"self_probe" min:"0s" max:"1d"`
	// A file that holds the secret that resumption tokens are signed with, at least 16 bytes; the same
	// one on every gateway that answers under one address. Default: one that the store keeps.
	Key Secret `yaml:"key_file" also:"key"`
	// Earlier keys: tokens that were signed with them stay good.
	OldKeys []Secret `yaml:"old_key_files" also:"old_keys"`
	// A URL of the terms under which the metadata (not what it describes) may be used, such as
	// https://creativecommons.org/publicdomain/zero/1.0/. A source can say otherwise.
	Rights string `yaml:"rights" as:"url" also:"licence,license"`
	// An icon, by which aggregators may show the gateway.
	Branding *Branding `yaml:"branding" also:"logo,icon"`
}

// Branding is how the gateway likes to be shown.
type Branding struct {
	// The URL of the icon.
	Icon string `yaml:"icon" as:"url" also:"url,image"`
	// Where a click on it leads.
	Link string `yaml:"link" as:"url" also:"href"`
	// Its title.
	Title string `yaml:"title" also:"name"`
	// Its width in pixels.
	Width int `yaml:"width" min:"1" max:"10000"`
	// Its height in pixels.
	Height int `yaml:"height" min:"1" max:"10000"`
}

// Dump says when the log is written into files that anybody may fetch.
type Dump struct {
	// How old the dump may become before another one is made. 0s: none is made.
	Every time.Duration `yaml:"every" min:"0s" max:"366d" also:"interval"`
}

// Backup says where and when the running gateway copies its log, as sheaf backup does. Each copy is read again to its end
// before it counts.
type Backup struct {
	// The folder of the copies, which are called sheaf-20261127T031500Z.db by when they were begun. Default: none are made.
	To string `yaml:"to" as:"path" also:"dir,folder,path"`
	// A bucket for the copies, in place of a folder.
	S3 *Bucket `yaml:"s3" also:"bucket"`
	// From one copy to the next.
	Every time.Duration `yaml:"every" min:"1h" max:"366d" also:"interval"`
	// How many copies stay; the older ones are removed when a new one is whole.
	Keep int `yaml:"keep" min:"1" max:"10000" also:"copies,count"`
}

// Kept says whether copies are made by themselves.
func (b *Backup) Kept() bool { return b.To != "" || b.S3 != nil }

// A Bucket is where an S3-compatible storage keeps objects.
type Bucket struct {
	// The address of the storage, such as https://s3.example.org.
	Endpoint string `yaml:"endpoint" as:"url" also:"url,host"`
	// The bucket, which must be there.
	Bucket string `yaml:"bucket" also:"name"`
	// What stands before the names of the copies; a folder if it ends with a slash. Several gateways may share a bucket if each
	// has a prefix of its own. Default: nothing.
	Prefix string `yaml:"prefix" also:"path,folder"`
	// The region of the bucket. Default: the storage is asked.
	Region string `yaml:"region"`
	// A file that holds the access key.
	AccessKey Secret `yaml:"access_key_file" also:"access_key,access_key_id"`
	// A file that holds the secret key. It may have to list, read, write and delete objects, and to abort uploads in parts.
	SecretKey Secret `yaml:"secret_key_file" also:"secret_key,secret_access_key"`
	// The authorities that vouch for the storage's certificate, in PEM. Default: those of the system.
	CA File `yaml:"ca_file" also:"ca,cafile"`
}

// Search says whether readers can search the records.
type Search struct {
	// embedded: an index in the data folder, which follows the log; none: there is no search, only lists.
	Kind string `yaml:"kind" enum:"embedded,none" also:"type"`
}

// Limits are the budgets of the clients of the public listener. A client is an address, or an IPv6
// network of 64 bits. A client that is over a budget is answered 503 with Retry-After.
type Limits struct {
	// Requests a second of one client, on average. Default: any number.
	Requests int `yaml:"requests" min:"1" max:"1000000" also:"requests_per_second,rate"`
	// How many requests a client may make at once before that average counts. Default: ten seconds' worth.
	Burst int `yaml:"burst" min:"1" max:"1000000"`
	// Records that one client is served in a minute. Default: any number.
	RecordsPerMinute int `yaml:"records_per_minute" min:"1000" max:"1000000000" also:"records"`
	// Requests of one client that are answered at once.
	Concurrency int `yaml:"concurrency" min:"1" max:"100000" also:"concurrent"`
	// Requests of all clients that are answered at once or wait for their turn.
	Total int `yaml:"total" min:"1" max:"100000"`
	// Clients, as addresses or networks such as 10.0.0.0/8, that have no budget of their own. Default:
	// this machine; [] for none.
	Allow []netip.Prefix `yaml:"allow" also:"allow_list,allowed"`
}

// Default is the configuration without any file: a gateway that listens on this machine only, keeps
// its data in ./sheaf-data, and harvests nothing until it has a namespace.
func Default() *Config {
	return &Config{
		Gateway: Gateway{Name: "Sheaf", Zone: time.UTC},
		Data:    "sheaf-data",
		Listen:  Listen{Public: "127.0.0.1:8080", Ops: "127.0.0.1:8081"},
		Store:   Store{Kind: "sqlite", PoolMode: "session", MaxConnections: 10},
		Log:     Log{Level: "info", Format: "text"},
		Events: Events{
			Kind:         "embedded",
			Listen:       "127.0.0.1:4222",
			Replicas:     1,
			Keep:         Keep{Age: 30 * day},
			Streams:      "manage",
			Window:       512,
			Sync:         time.Second,
			StreamPrefix: "SHEAF",
		},
		OAI: OAI{PageSize: 100, PageBytes: 4 << 20, Cache: 16 << 20, SelfProbe: 30 * time.Second},
		Keep: Keeping{
			Runs: KeepRuns{Age: 366 * day, Count: 100}, Sessions: KeepSessions{Age: 30 * day, Count: 1000},
			Quarantine: KeepQuarantine{Count: 100_000, Bytes: 1 << 30}, Audit: KeepAudit{Bytes: 8 << 20},
		},
		Dump: Dump{Every: day}, Search: Search{Kind: "embedded"}, Backup: Backup{Every: day, Keep: 7}, Tracing: Tracing{OneIn: 1},
		Limits: Limits{Concurrency: 16, Total: 512, Allow: []netip.Prefix{
			netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
		}},
	}
}

// Names are the names of the sources, in the order in which the files give them.
func (c *Config) Names() []string { return c.names }
