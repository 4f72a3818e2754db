package config

import (
	"net/netip"
	"time"
)

// A Source is one place that records come from. As Config.Sources holds it, what it inherits from its
// group and from the defaults is filled in.
type Source struct {
	// What the source is called, for people.
	Title string `yaml:"title" own:"true" also:"name,label"`
	// What is in it, for the description of its set.
	Description string `yaml:"description" own:"true"`
	// What kind of source it is.
	Kind string `yaml:"kind" required:"true" as:"kind" also:"type"`
	// The group that it inherits from.
	Group string `yaml:"group" own:"true"`
	// Where the records are: a URL, or files (names or patterns, relative to this file).
	From []string `yaml:"from" own:"true" required:"true" as:"place" also:"url,base_url,baseurl,path,file,files"`
	// Names that the source had before, the first one first. That one stays in the identifiers of its records, in its sets
	// and in its events; everything else goes by the present name.
	Was []string `yaml:"was" own:"true" as:"name" also:"formerly"`

	// How often it is harvested.
	Every time.Duration `yaml:"every" min:"1m" max:"366d" also:"interval,schedule,frequency"`
	// The time of day for it, in gateway.zone, such as "02:30"; only with every in whole days.
	At *TimeOfDay `yaml:"at" also:"time"`
	// The hours in which it may be harvested, in gateway.zone, such as "20:00-06:00".
	Window *Window `yaml:"window" also:"hours"`
	// How long one harvest may take. It goes on with the next one, which follows soon (in its window).
	Deadline time.Duration `yaml:"deadline" min:"1m" max:"31d" also:"max_duration"`
	// How long a harvest may do nothing at all, neither ask, nor be answered, nor store, before it is ended and tried again.
	StuckAfter time.Duration `yaml:"stuck_after" min:"1m" max:"7d" also:"stalled_after"`

	// The mapping to Dublin Core: the name of a built-in one, or a file of one's own. Default: the one
	// that is built in for the format.
	Mapping Mapping `yaml:"mapping" also:"map,crosswalk"`
	// A CSV file of what people corrected in single records, applied after the mapping. Its columns:
	// identifier, term, old value, new value, who, why.
	Corrections File `yaml:"corrections" own:"true" also:"fixes,corrected"`
	// What is true of every record of this source: DCMI terms, such as publisher or language, each with
	// one value or a list. Marked as context, apart from what the source itself says.
	Context map[string][]string `yaml:"context"`
	// A URL of the terms under which this source's metadata may be used. Default: oai.rights.
	Rights string `yaml:"rights" as:"url" also:"licence,license"`
	// Who gives the records.
	Provider Provider `yaml:"provider"`
	// Above which measure a person is asked before records are deleted or changed.
	Hold Hold `yaml:"hold" also:"holds,guard"`
	// What becomes of records that the source does not give any more. Default: they stay.
	Absent *Absent `yaml:"absent" also:"missing"`
	// What the events carry: the record itself, or a pointer to it.
	Events string `yaml:"events" enum:"record,pointer"`

	// What its kind alone has: a pointer to a struct of the type of [Kind.Settings]; nil if the kind is not known.
	Settings any `yaml:"-"`

	// How the source is asked over HTTP.
	HTTP HTTP `yaml:"http"`
}

// Minted is the name in the identifiers of the records of a source that is called name.
func (s *Source) Minted(name string) string {
	if len(s.Was) > 0 {
		return s.Was[0]
	}
	return name
}

// Minting is the source with this name in the identifiers of its records; nil if there is none.
func (c *Config) Minting(minted string) *Source {
	if s := c.Sources[minted]; s != nil && len(s.Was) == 0 {
		return s
	}
	for _, s := range c.Sources {
		if len(s.Was) > 0 && s.Was[0] == minted {
			return s
		}
	}
	return nil
}

// Provider says who gives the records: the data provider of every record of the source.
type Provider struct {
	// Its name.
	Name string `yaml:"name" also:"title"`
	// Its home page.
	URL string `yaml:"url" as:"url" also:"homepage"`
}

// Hold says how much of a source may be lost or changed at once before a person is asked.
type Hold struct {
	// How many records may be deleted in one harvest: a share of its live records, such as 2%, a number, or never
	// to ask about none. If there are more, they stay until somebody decides (sheaf pending). Default: 2%, and 100 in any case.
	Deleted *Threshold `yaml:"deleted" also:"deletions,deletes"`
	// How many records may change in one harvest, likewise. Default: never.
	Changed *Threshold `yaml:"changed" also:"changes,updated"`
}

// Absent says what becomes of records that the source does not give any more.
type Absent struct {
	// A record is deleted when so many complete harvests of everything, one after the other, did not have it.
	DeleteAfter int `yaml:"delete_after" required:"true" min:"1" max:"50" also:"after"`
	// How many records may be deleted so in one harvest before a person is asked, as in hold. Default: as hold.deleted.
	AskAbove *Threshold `yaml:"ask_above" also:"ask"`
}

// HTTP says how a source is asked.
type HTTP struct {
	// Further headers to send.
	Headers map[string]string `yaml:"headers" also:"header"`
	// The user, where the source asks for one.
	User string `yaml:"user" also:"username"`
	// A file that holds the user's password.
	Password Secret `yaml:"password_file" also:"password"`
	// A file that holds a token, sent as Authorization: Bearer.
	Token Secret `yaml:"token_file" also:"token"`
	// The rest between two requests to the host.
	Pause time.Duration `yaml:"pause" min:"0s" max:"1h" also:"delay"`
	// Private networks, as addresses or networks such as 10.20.0.0/16, in which the source may be asked,
	// where a redirect leads or its name means an address there. Default: none but the address that stands in "from".
	PrivateNetworks []netip.Prefix `yaml:"private_networks" also:"private_network,allow_private,networks"`
	// How long an answer may take.
	Timeout time.Duration `yaml:"timeout" min:"1s" max:"1h"`
	// How large an answer may be, as it is sent and as it is decompressed; it is held in memory. Default: 256MiB for
	// OAI-PMH and files, less where answers are smaller (a page of JSON 32MiB, of a listing 16MiB, of a site 8MiB).
	MaxSize Size `yaml:"max_size" min:"64KiB" max:"2GiB" also:"max_bytes,limit,max_body"`
}

// A Mapping names rules for a crosswalk.
type Mapping struct {
	Name string // as written
	File string // the absolute path of a file of one's own; empty for one that is built in
}

// A File is the absolute path of a file that is there; empty if none is named.
type File string

// defaultSource is a source that says nothing.
func defaultSource() *Source {
	return &Source{
		Every:      day,
		Deadline:   day,
		StuckAfter: 30 * time.Minute,
		Events:     "record",
		HTTP:       HTTP{Timeout: 5 * time.Minute},
	}
}
