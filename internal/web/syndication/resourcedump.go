package syndication

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The resource dump (clause 14 of ResourceSync) has a package for each part of the resource list: a ZIP archive with the
// resources of the part, and a manifest that says which file is which. A package is made while it is sent, and kept nowhere:
// what was taken down is in none.

// packagePiece is how many records of a package are read at once.
const packagePiece = 500

// resourceDump lists the packages.
func (d *Door) resourceDump(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	head, err := d.Log.Head(ctx)
	if err != nil {
		return err
	}
	parts, err := d.parts(ctx)
	if err != nil {
		return err
	}
	b := d.appendUp([]byte(xmlStart+"<urlset "+resyncSpaces+">\n"), capabilityListPath)
	b = append(oaipmh.AppendDatestamp(append(b, `<rs:md capability="resourcedump" at="`...), head.Datestamp), `"/>`+"\n"...)
	for _, n := range parts {
		b = xmlscan.AppendText(append(b, "<url><loc>"...), d.URL+packagesPath+strconv.FormatInt(n, 10)+".zip")
		b = append(b, `</loc><rs:md type="application/zip"/></url>`+"\n"...)
	}
	return writeList(w, r, append(b, "</urlset>\n"...))
}

// resourcePackage sends a package. It goes on for as long as the client reads; one that was cut has no end, which is what
// programs that read ZIP look for first.
func (d *Door) resourcePackage(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	n, err := d.partNumber(r, ".zip", resourceDumpPath)
	if err != nil {
		return err
	}
	head, err := d.Log.Head(ctx)
	if err != nil {
		return err
	}
	after, upto := (n-1)*d.partSize, n*d.partSize
	some, newest, err := d.Log.Entries(ctx, after, upto, packagePiece, true)
	if err != nil {
		return err
	}
	if n > 1 && after >= newest {
		return &refusal{http.StatusNotFound, "There is no such package; " + resourceDumpPath + " lists them."}
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Cache-Control", "no-cache")
	if r.Method == http.MethodHead {
		return nil
	}
	manifest := d.appendUp([]byte(xmlStart+"<urlset "+resyncSpaces+">\n"), capabilityListPath)
	manifest = append(oaipmh.AppendDatestamp(append(manifest, `<rs:md capability="resourcedump-manifest" at="`...), head.Datestamp), `"/>`+"\n"...)
	z := zip.NewWriter(w)
	served := 0
	for {
		for i := range some {
			if manifest, err = d.pack(z, manifest, &some[i]); err != nil {
				d.Limits.Served(r, served)
				return nil // the client has gone
			}
			served++
		}
		if len(some) < packagePiece {
			break
		}
		if err := d.Limits.Turn(r); err != nil {
			panic(http.ErrAbortHandler) // the answer has begun, and must not look whole
		}
		if some, _, err = d.Log.Entries(r.Context(), some[len(some)-1].Number, upto, packagePiece, true); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	d.Limits.Served(r, served)
	if err := packFile(z, "manifest.xml", append(manifest, "</urlset>\n"...), head.Datestamp); err == nil {
		_ = z.Close() // the client may have gone
	}
	return nil
}

// pack puts a resource into a package, and into its manifest. A record without a page is no resource.
func (d *Door) pack(z *zip.Writer, manifest []byte, e *pipeline.Entry) ([]byte, error) {
	page := pipeline.RecordURL(d.URL, e.Identifier)
	if page == "" {
		return manifest, nil
	}
	body := append([]byte(xmlStart), e.OAIDC...)
	path := "resources/" + strconv.FormatInt(e.Number, 10) + ".xml"
	sum := sha256.Sum256(body)
	manifest = xmlscan.AppendText(append(manifest, "<url><loc>"...), page+"?as=oai_dc")
	manifest = oaipmh.AppendDatestamp(append(manifest, "</loc><lastmod>"...), e.Datestamp)
	manifest = append(manifest, `</lastmod><rs:md hash="sha-256:`...)
	manifest = hex.AppendEncode(manifest, sum[:])
	manifest = strconv.AppendInt(append(manifest, `" length="`...), int64(len(body)), 10)
	manifest = append(append(append(manifest, `" type="application/xml" path="/`...), path...), `"/><rs:ln rel="describes" href="`...)
	manifest = append(xmlscan.AppendAttribute(manifest, page), `"/></url>`+"\n"...)
	return manifest, packFile(z, path, body, e.Datestamp)
}

func packFile(z *zip.Writer, name string, body []byte, at time.Time) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
	if err == nil {
		_, err = f.Write(body)
	}
	return err
}
