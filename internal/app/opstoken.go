package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// opsTokenFile is where the token of the ops listener stands in the data folder, if the configuration names no other file.
const opsTokenFile = "ops.token"

// An opsToken lets in to the ops listener whoever has it.
type opsToken struct {
	value, file string
	made        bool // at this start
}

// openOpsToken reads the token of the ops listener. If the configuration names none it stands in the data folder, where it
// is made at the first start.
func openOpsToken(cfg *config.Config) (opsToken, error) {
	if cfg.Listen.OpsToken.File != "" {
		return opsToken{value: cfg.Listen.OpsToken.Value(), file: cfg.Listen.OpsToken.File}, nil
	}
	t := opsToken{file: filepath.Join(cfg.Data, opsTokenFile)}
	b, err := os.ReadFile(t.file)
	if t.value = strings.TrimSpace(string(b)); err == nil && len(t.value) >= config.MinToken {
		return t, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, fmt.Errorf("read the token of the ops listener: %w", err)
	}
	t.value, t.made = rand.Text()+rand.Text(), true
	if err := writePrivate(t.file, t.value+"\n"); err != nil {
		return t, fmt.Errorf("make the token of the ops listener: %w", err)
	}
	return t, nil
}

// writePrivate writes a file that nobody else may read, whole or not at all.
func writePrivate(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// NewOpsToken is the token of the ops listener and its file, if it was made at this start; else both are empty.
func (g *Gateway) NewOpsToken() (token, file string) {
	if !g.opsToken.made {
		return "", ""
	}
	return g.opsToken.value, g.opsToken.file
}
