package openid

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// ErrandTime is how long somebody may take at the provider.
const ErrandTime = 15 * time.Minute

// An errand is what one sign-in is held to when the browser comes back.
type errand struct {
	State, Nonce, Verifier string
	Callback               string // where the provider sends the browser
	Back                   string // the page that the person wanted
	Until                  time.Time
}

// A seal closes errands, so that only this process can read or make one.
type seal struct{ cipher.AEAD }

func newSeal() *seal {
	key := make([]byte, 32)
	rand.Read(key) // it never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has a length that AES takes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return &seal{aead}
}

func (s *seal) close(e *errand) string {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // texts and a time
	}
	return base64.RawURLEncoding.EncodeToString(s.Seal(nil, nil, b, nil))
}

var errErrand = errors.New("the errand is not one of this process, or is too old")

func (s *seal) open(sealed string, now time.Time) (*errand, error) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, errErrand
	}
	if b, err = s.Open(nil, nil, b, nil); err != nil {
		return nil, errErrand
	}
	var e errand
	if err := json.Unmarshal(b, &e); err != nil || now.After(e.Until) {
		return nil, errErrand
	}
	return &e, nil
}
