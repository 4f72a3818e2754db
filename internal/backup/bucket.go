package backup

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// A Bucket keeps copies as objects of an S3-compatible storage.
//
// A copy counts only with a second object beside it, which holds its SHA-256 sum as the program sha256sum writes it. That
// one is written last, when the copy was read back and is what was sent; so whatever is killed or cut off in the middle
// leaves something that is no copy, never a copy that is not whole.
type Bucket struct {
	// Stage is a file of this machine in which the copy is made before it is sent.
	Stage string
	// Copy and Room are as in [Folder], for the file that is sent.
	Copy func(ctx context.Context, file string) error
	Room func(dir string) error

	client       *minio.Client
	name, prefix string
	part         uint64 // bytes of a part; zero for as many as the size asks for
}

// BucketOptions say which bucket, and how to reach it.
type BucketOptions struct {
	Host                 string // and port, if it is not the usual one
	Plain                bool   // without TLS
	Name                 string
	Prefix               string // before the names of copies; a folder if it ends with a slash
	Region               string // empty to ask the storage
	AccessKey, SecretKey string
	Roots                *x509.CertPool // nil for the system's
}

// sumSuffix ends the name of the object that holds the sum of a copy.
const sumSuffix = ".sha256"

// OpenBucket makes ready to use a bucket; it asks the storage nothing yet.
func OpenBucket(o BucketOptions) (*Bucket, error) {
	transport, err := patientTransport(!o.Plain, o.Roots)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(o.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure: !o.Plain, Region: o.Region, Transport: transport,
	})
	if err != nil {
		return nil, fmt.Errorf("backup.s3: %w", err)
	}
	return &Bucket{client: client, name: o.Name, prefix: o.Prefix}, nil
}

// List implements [Place].
func (b *Bucket) List(ctx context.Context) (out []Copy, err error) {
	copies, _, err := b.objects(ctx)
	return copies, err
}

// objects are the copies, and those that were broken off.
func (b *Bucket) objects(ctx context.Context) (whole, broken []Copy, err error) {
	var found []Copy
	summed := map[string]bool{}
	for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix}) {
		if o.Err != nil {
			return nil, nil, b.fault("look at the backups", o.Err)
		}
		name := strings.TrimPrefix(o.Key, b.prefix)
		if at, ok := Begun(name); ok {
			found = append(found, Copy{name, at, o.Size})
		} else if of, ok := strings.CutSuffix(name, sumSuffix); ok {
			summed[of] = true
		}
	}
	for _, c := range found {
		if summed[c.Name] {
			whole = append(whole, c)
		} else {
			broken = append(broken, c)
		}
	}
	oldestFirst(whole)
	return whole, broken, nil
}

// Write implements [Place].
func (b *Bucket) Write(ctx context.Context, name string) error {
	if err := b.clear(ctx); err != nil {
		return err
	}
	if err := b.Room(filepath.Dir(b.Stage)); err != nil {
		return err
	}
	defer os.Remove(b.Stage)
	if err := b.Copy(ctx, b.Stage); err != nil {
		return err
	}
	sum, err := sumOf(b.Stage)
	if err != nil {
		return fmt.Errorf("back up to %s: %w", b.Where(name), err)
	}
	// Not every storage that calls itself compatible knows newer checksums; all know MD5, by part.
	o := minio.PutObjectOptions{ContentType: "application/vnd.sqlite3", SendContentMd5: true, PartSize: b.part}
	if _, err := b.client.FPutObject(ctx, b.name, b.prefix+name, b.Stage, o); err != nil {
		return b.fault("back up to "+b.Where(name), err)
	}
	if err := b.same(ctx, name, sum); err != nil {
		return fmt.Errorf("read back %s: %w", b.Where(name), err)
	}
	line := fmt.Sprintf("%s  %s\n", sum, name)
	o = minio.PutObjectOptions{ContentType: "text/plain", SendContentMd5: true}
	if _, err := b.client.PutObject(ctx, b.name, b.prefix+name+sumSuffix, strings.NewReader(line), int64(len(line)), o); err != nil {
		return b.fault("back up to "+b.Where(name), err)
	}
	return nil
}

// clear takes away what was broken off: the file that was to be sent, parts that came to nothing (which cost, though no
// list of objects shows them), and objects without a sum.
func (b *Bucket) clear(ctx context.Context) error {
	if err := os.Remove(b.Stage); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for u := range b.client.ListIncompleteUploads(ctx, b.name, b.prefix+prefix, false) {
		if u.Err != nil {
			return b.fault("look for backups that were broken off", u.Err)
		}
		if _, ours := Begun(strings.TrimPrefix(u.Key, b.prefix)); ours {
			if err := b.client.RemoveIncompleteUpload(ctx, b.name, u.Key); err != nil {
				return b.fault("remove a backup that was broken off", err)
			}
		}
	}
	_, broken, err := b.objects(ctx)
	if err != nil {
		return err
	}
	for _, c := range broken {
		if err := b.remove(ctx, c.Name); err != nil {
			return err
		}
	}
	return nil
}

// same reads an object to its end, and holds it to a sum.
func (b *Bucket) same(ctx context.Context, name, sum string) error {
	in, err := b.summed(ctx, name, sum)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(io.Discard, in)
	return err
}

// Open implements [Place].
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+name+sumSuffix, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.fault("read "+b.Where(name), err)
	}
	defer object.Close()
	sum := make([]byte, hex.EncodedLen(sha256.Size))
	if _, err := io.ReadFull(object, sum); err != nil {
		return nil, b.fault("read the sum of "+b.Where(name), err)
	}
	return b.summed(ctx, name, string(sum))
}

func (b *Bucket) summed(ctx context.Context, name, sum string) (io.ReadCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.fault("read "+b.Where(name), err)
	}
	return &summed{object, sha256.New(), sum}, nil
}

// Remove implements [Place]. The sum goes first: without it the object is no copy any more.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	if err := b.remove(ctx, name+sumSuffix); err != nil {
		return err
	}
	return b.remove(ctx, name)
}

func (b *Bucket) remove(ctx context.Context, name string) error {
	if err := b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}); err != nil {
		return b.fault("remove "+b.Where(name), err)
	}
	return nil
}

// Where implements [Place].
func (b *Bucket) Where(name string) string { return "s3://" + path.Join(b.name, b.prefix+name) }

// fault says what was being done, and of the commonest mistakes what to do.
func (b *Bucket) fault(doing string, err error) error {
	advice := ""
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchBucket:
		advice = "; make the bucket " + b.name + ", or correct backup.s3.bucket"
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch":
		advice = "; look at the keys of backup.s3, and at what they may do: list, read, write and delete objects, and abort uploads in parts"
	}
	return fmt.Errorf("%s (%s): %w%s", doing, b.client.EndpointURL().Host, err, advice)
}

// summed reads an object, and fails at its end if it is not the one of the sum.
type summed struct {
	io.ReadCloser
	hash hash.Hash
	want string
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.hash.Write(p[:n])
	if err == io.EOF {
		if got := hex.EncodeToString(s.hash.Sum(nil)); got != s.want {
			return n, fmt.Errorf("the storage gives other bytes than were sent: their SHA-256 sum is %s, not %s", got, s.want)
		}
	}
	return n, err
}

func sumOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
