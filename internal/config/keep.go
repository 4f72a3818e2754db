package config

import "time"

// Keeping says what the gateway keeps beside the records, and how much of it. The stream of events has bounds of its own
// (events.keep), copies of the log too (backup.keep); records, their originals and what was taken down are kept for good.
type Keeping struct {
	// The runs of each source: when it was harvested, by whom, what came of it.
	Runs KeepRuns `yaml:"runs" also:"harvests,history"`
	// The walks of harvesters through the lists of /oai.
	Sessions KeepSessions `yaml:"sessions" also:"harvesters,walks"`
	// The items of each source that could not be used, with what the source sent. The oldest ones go first, at the end of a
	// harvest of the source.
	Quarantine KeepQuarantine `yaml:"quarantine" also:"rejected,rejects"`
	// What people have done.
	Audit KeepAudit `yaml:"audit" also:"audit_log"`
}

// KeepRuns bounds what is remembered of the runs of each source.
type KeepRuns struct {
	// For how long. 0s: for as long as count lets them.
	Age time.Duration `yaml:"age" min:"0s" max:"3660d"`
	// How many of each source. Since when a source fails is known only as far as its runs are.
	Count int `yaml:"count" min:"10" max:"10000" also:"items,number"`
}

// KeepSessions bounds what is remembered of those who harvest.
type KeepSessions struct {
	// How long after a harvester was last heard of. Addresses are personal data in many countries.
	Age time.Duration `yaml:"age" min:"1h" max:"3660d"`
	// How many walks, of all harvesters.
	Count int `yaml:"count" min:"10" max:"100000" also:"items,number"`
}

// KeepQuarantine bounds the quarantine of each source.
type KeepQuarantine struct {
	// How long after the source sent the item last. 0s: for as long as count and bytes let it.
	Age time.Duration `yaml:"age" min:"0s" max:"3660d"`
	// How many items.
	Count int `yaml:"count" min:"100" max:"10000000" also:"items,number"`
	// How much of what the source sent, as it is stored, which is compressed.
	Bytes Size `yaml:"bytes" min:"1MB" also:"size"`
}

// KeepAudit bounds the audit log.
type KeepAudit struct {
	// For how long entries are shown; from the disk they are gone after twice that time at the latest, as long as people do
	// anything at all. 0s: for as long as bytes lets them.
	Age time.Duration `yaml:"age" min:"0s" max:"36600d"`
	// How much of it at most; at least half of that is there once so much was written.
	Bytes Size `yaml:"bytes" min:"64KiB" max:"256MiB" also:"size"`
}
