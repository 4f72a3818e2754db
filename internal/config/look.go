package config

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/web/palette"
)

// checkLook warns of colours that many people can't read.
func (d *decoder) checkLook(root *node, c *Config) {
	for _, doubt := range palette.Doubts(palette.Colours(c.Look.Light), palette.Colours(c.Look.Dark)) {
		by, key, _ := strings.Cut(doubt.Key, ".")
		at := root.where("look", by)
		if s := root.field("look"); s != nil && s.value.field(by) != nil {
			at = s.value.where(by, key)
		}
		d.warning(at, "look."+doubt.Key, "%s", doubt.Text)
	}
}
