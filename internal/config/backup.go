package config

import (
	"net/url"
	"regexp"
	"strings"
)

// checkBackup finds copies that would lie where the gateway keeps its own files, or that nobody makes.
func (d *decoder) checkBackup(root *node, c *Config) {
	f := root.field("backup")
	if f == nil || f.value.shape != mapping {
		return
	}
	switch b := &c.Backup; {
	case !b.Kept():
		d.problem(f.value.place, "backup", "needs to: the folder of the copies, on another disk if there is one; or s3: a bucket for them")
	case b.To != "" && b.S3 != nil:
		d.problem(root.where("backup", "s3"), "backup", "has both to and s3; copies are kept in one place, so take one of them out")
	case b.To == c.Data:
		d.problem(root.where("backup", "to"), "backup.to", "is the data folder; name another one, or one in it, such as backup")
	case b.S3 != nil:
		d.checkBucket(root, b.S3)
	}
}

// bucketName is what S3 allows: no more than all storages take.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func (d *decoder) checkBucket(root *node, b *Bucket) {
	section := root.field("backup").value
	where := func(key string) place { return section.where("s3", key) }
	for _, k := range []struct{ key, value, what string }{
		{"endpoint", b.Endpoint, "the address of the storage, such as https://s3.example.org"},
		{"bucket", b.Bucket, "the name of the bucket"},
		{"access_key_file", b.AccessKey.File, "a file that holds the access key"},
		{"secret_key_file", b.SecretKey.File, "a file that holds the secret key"},
	} {
		if k.value == "" && !section.has("s3", k.key) { // one that is there and wrong is reported already
			d.problem(root.where("backup", "s3"), "backup.s3", "needs %s: %s", k.key, k.what)
		}
	}
	u, err := url.Parse(b.Endpoint)
	switch {
	case err != nil || b.Endpoint == "":
	case u.Scheme != "https" && u.Scheme != "http", strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.User != nil:
		d.problem(where("endpoint"), "backup.s3.endpoint", "must be the storage's address alone, such as https://s3.example.org; the bucket and the prefix have keys of their own")
	case u.Scheme == "http" && b.CA != "":
		d.problem(where("ca_file"), "backup.s3.ca_file", "is for https, and the endpoint is http; take one of them back")
	}
	if b.Bucket != "" && !bucketName.MatchString(b.Bucket) {
		d.problem(where("bucket"), "backup.s3.bucket", "must have 3 to 63 small letters, digits, dots and hyphens, and begin and end with a letter or digit")
	}
	if strings.HasPrefix(b.Prefix, "/") {
		d.problem(where("prefix"), "backup.s3.prefix", "must not begin with a slash")
	}
}
