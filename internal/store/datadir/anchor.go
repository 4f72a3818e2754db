package datadir

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// An Anchor keeps the moment at which the clock was believed last in the data folder.
type Anchor struct{ Dir string }

// KeepAnchor writes the anchor down (see [store.Anchors]).
func (f Anchor) KeepAnchor(a store.Anchor) {
	b, err := json.Marshal(a)
	if err == nil && a.Boot != "" {
		_ = os.WriteFile(filepath.Join(f.Dir, AnchorName), b, PrivateFile)
	}
}

// ReadAnchor reads it.
func (f Anchor) ReadAnchor() (a store.Anchor) {
	if b, err := os.ReadFile(filepath.Join(f.Dir, AnchorName)); err != nil || json.Unmarshal(b, &a) != nil {
		return store.Anchor{}
	}
	return a
}
