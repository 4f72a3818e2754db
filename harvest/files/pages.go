package files

import (
	"io"
	"iter"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Pages takes a document apart that is at hand, as a pass does with a file of this name and content. The pages have no
// cursors, and none says that it is the last. An error means that the document can't be read at present.
func (s *Source) Pages(name string, content io.ReaderAt, size int64) iter.Seq2[*harvest.Page, error] {
	return func(yield func(*harvest.Page, error) bool) {
		o := &opened{file: &file{position: position{Name: name}}, in: content, size: size}
		o.begin(s)
		defer o.close()
		for {
			page, more, err := o.page()
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || !more {
				return
			}
		}
	}
}

// page reads on until there is enough for a page; more says that the file has not ended.
func (o *opened) page() (p *harvest.Page, more bool, err error) {
	p = &harvest.Page{}
	for size := 0; len(p.Items) < pageItems && size < pageBytes; {
		m, err, more := o.next()
		if err != nil || !more {
			return p, false, err
		}
		take(p, o.file.name(), &m)
		size += len(m.item.Original)
	}
	return p, true, nil
}
