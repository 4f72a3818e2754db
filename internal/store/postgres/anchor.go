package postgres

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// An anchorFile keeps the moment at which the clock was believed last in the data folder.
type anchorFile struct{ dir string }

// KeepAnchor writes the anchor down (see [store.Anchors]).
func (f anchorFile) KeepAnchor(a store.Anchor) {
	b, err := json.Marshal(a)
	if err == nil && a.Boot != "" {
		_ = os.WriteFile(filepath.Join(f.dir, anchorName), b, privateFile)
	}
}

// ReadAnchor reads it.
func (f anchorFile) ReadAnchor() (a store.Anchor) {
	if b, err := os.ReadFile(filepath.Join(f.dir, anchorName)); err != nil || json.Unmarshal(b, &a) != nil {
		return store.Anchor{}
	}
	return a
}
