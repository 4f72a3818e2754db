package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/web/palette"
)

// A Look is what an installation makes of the pages.
type Look struct {
	Light, Dark palette.Colours
	// Footer is a line at the foot of each page. Imprint and Privacy are addresses of pages that are linked there.
	Footer, Imprint, Privacy string
	// Pictures are the hosts that browsers may ask for pictures of records.
	Pictures []string
	// Templates stand in place of those of the program: a page's own (start.html), or that of all pages (layout.html). What
	// such a file does not define stays as it is. A file that can't be used is left out, with an error in the log.
	Templates fs.FS

	logoName string
	logo     []byte
}

// maxLogo bounds a logo, in bytes.
const maxLogo = 256 << 10

// logoTypes are the forms of a logo.
var logoTypes = []string{".svg", ".png", ".jpg", ".webp"}

// ReadLogo takes the image from a file.
func (l *Look) ReadLogo(file string) error {
	ext := strings.ToLower(filepath.Ext(file))
	if ext == ".jpeg" {
		ext = ".jpg"
	}
	if !slices.Contains(logoTypes, ext) {
		return fmt.Errorf("%s is no image that all browsers show; its name must end with one of %s", file, strings.Join(logoTypes, " "))
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxLogo+1))
	if err != nil {
		return err
	}
	is := http.DetectContentType(b) == types[ext]
	if ext == ".svg" {
		is = bytes.Contains(b, []byte("<svg"))
	}
	switch {
	case len(b) > maxLogo:
		return fmt.Errorf("%s is larger than %d KiB, and every visitor would load it; make it smaller", file, maxLogo>>10)
	case !is:
		return fmt.Errorf("%s is not what its name says; save the image again as %s", file, ext)
	}
	l.logoName, l.logo = "logo"+ext, b
	return nil
}

// files puts what the look brings among the files that browsers ask for.
func (l *Look) files(files map[string]file) {
	style := files[styleName]
	files[styleName] = newFile(append([]byte(palette.CSS(l.Light, l.Dark)), style.body...), style.mime)
	if l.logo != nil {
		files[l.logoName] = newFile(l.logo, types[path.Ext(l.logoName)])
	}
}

const styleName = "style.css"

// Logo is the URL of the logo, for the layout; empty if there is none.
func (f *Frame) Logo() string {
	if f.Look.logo == nil {
		return ""
	}
	return f.File(f.Look.logoName)
}

// own puts a template of the installation, if there is one, over a template of ours, of which it takes a copy.
func (f *Frame) own(ours *template.Template, name string) (*template.Template, error) {
	if f.Look.Templates == nil {
		return ours, nil
	}
	b, err := fs.ReadFile(f.Look.Templates, name)
	if errors.Is(err, fs.ErrNotExist) {
		return ours, nil
	}
	own := template.Must(ours.Clone())
	if err == nil {
		_, err = own.New(name).Parse(string(b))
	}
	return own, err
}

// tried says whether the page can be written at all. What is wrong with the contexts of its values shows only when a template
// is put to use.
func tried(page *template.Template) error {
	err := template.Must(page.Clone()).ExecuteTemplate(io.Discard, "layout.html", nil) // no page without data: only the errors of the template count
	var broken *template.Error
	if errors.As(err, &broken) {
		return broken
	}
	return nil
}

// refuse leaves out a template of the installation.
func (f *Frame) refuse(name string, err error) {
	f.broken = append(f.broken, fmt.Errorf("%s: %w; mend it, or take the file out of the folder, and the page of the program stands in its place", name, err))
	f.logger.Error("a template is left out", "file", name, "err", err)
}

// Broken says which templates of the installation can't be used, after [Frame.Parse] has read those of the pages.
func (f *Frame) Broken() error { return errors.Join(f.broken...) }

// strangers are the templates of the installation that no page uses.
func (f *Frame) strangers(names []string) {
	if f.Look.Templates == nil {
		return
	}
	pages := []string{"layout.html", "message.html"}
	for _, name := range names {
		pages = append(pages, name+".html")
	}
	found, err := fs.ReadDir(f.Look.Templates, ".")
	if err != nil {
		f.broken = append(f.broken, err)
	}
	for _, e := range found {
		if name := e.Name(); !slices.Contains(pages, name) && path.Ext(name) == ".html" {
			f.refuse(name, fmt.Errorf("no page is called so; they are %s", strings.Join(pages, ", ")))
		}
	}
}
