package ops

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// forms sees to it that what a person sends was shown to them by a page of ours, and is done once. Each page has a word
// that is signed for one person, is good for some hours, and is used up by the first form that is sent with it.
type forms struct {
	key []byte

	mu   sync.Mutex
	used map[string]time.Time // until when a word would have been good
}

const (
	formTime = 4 * time.Hour
	// maxUsed bounds the words that are remembered.
	maxUsed   = 20000
	wordBytes = 8 + 16
)

var (
	errForm     = errors.New("the form was not made by this gateway for you, or is too old; open the page again")
	errReplayed = errors.New("this form was sent before, and what it asks for was done then; open the page again to do more")
	errManyUsed = errors.New("too many forms were sent lately; wait a while, or use the commands")
)

func newForms() *forms {
	f := &forms{key: make([]byte, 32), used: map[string]time.Time{}}
	rand.Read(f.key) // it never fails
	return f
}

// word makes a word for a person.
func (f *forms) word(p *person, now time.Time) string {
	b := make([]byte, wordBytes, wordBytes+sha256.Size)
	binary.BigEndian.PutUint64(b, uint64(now.Add(formTime).Unix()))
	rand.Read(b[8:])
	return base64.RawURLEncoding.EncodeToString(append(b, f.sign(b, p)...))
}

func (f *forms) sign(b []byte, p *person) []byte {
	mac := hmac.New(sha256.New, f.key)
	mac.Write(b)
	mac.Write(p.key[:])
	return mac.Sum(nil)
}

// use uses a word up. A program that sends the token in a header needs none.
func (f *forms) use(word string, p *person, now time.Time) error {
	if p.bearer {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil || len(b) != wordBytes+sha256.Size || !hmac.Equal(b[wordBytes:], f.sign(b[:wordBytes], p)) {
		return errForm
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(b)), 0)
	if now.After(until) {
		return errForm
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, was := f.used[word]; was {
		return errReplayed
	}
	if len(f.used) >= maxUsed {
		for old, until := range f.used {
			if now.After(until) {
				delete(f.used, old)
			}
		}
		if len(f.used) >= maxUsed {
			return errManyUsed
		}
	}
	f.used[word] = until
	return nil
}
