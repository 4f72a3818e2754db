package ops

import (
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A section is the lines of the configuration below one key.
type section struct {
	Name  string
	Lines []config.Line
}

// configuration shows what is in force, without secrets.
func (s *ops) configuration(*http.Request) (*finding, error) {
	var sections []section
	for _, l := range s.Config.InForce() {
		name, key, below := strings.Cut(l.Key, ".")
		if !below {
			name, key = "", l.Key
		} else if name == "sources" || name == "groups" || name == "sets" {
			var one string
			one, key, _ = strings.Cut(key, ".")
			name += "." + one
		}
		if len(sections) == 0 || sections[len(sections)-1].Name != name {
			sections = append(sections, section{Name: name})
		}
		last := &sections[len(sections)-1]
		last.Lines = append(last.Lines, config.Line{Key: key, Value: l.Value})
	}
	return &finding{template: "configuration", here: "/configuration", title: "Configuration in force", data: struct {
		Sections []section
		Warnings config.Problems
	}{sections, s.Config.Warnings}}, nil
}
