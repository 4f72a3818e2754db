package app

import (
	"fmt"
	"os"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/palette"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
)

// readLook reads what the configuration says of how the public pages look, and tries the templates that it names.
func readLook(cfg *config.Config) (web.Look, error) {
	c := &cfg.Look
	l := web.Look{Light: palette.Colours(c.Light), Dark: palette.Colours(c.Dark), Footer: c.Footer, Imprint: c.Imprint, Privacy: c.Privacy, Pictures: c.Pictures}
	if c.Logo != "" {
		if err := l.ReadLogo(string(c.Logo)); err != nil {
			return l, ConfigError{fmt.Errorf("look.logo: %w", err)}
		}
	}
	if c.Templates != "" {
		l.Templates = os.DirFS(c.Templates)
		if err := site.CheckLook(l); err != nil {
			return l, ConfigError{fmt.Errorf("look.templates: %w", err)}
		}
	}
	return l, nil
}
