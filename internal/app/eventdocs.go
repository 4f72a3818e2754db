package app

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
)

// eventDocuments is where the description of events is served: asyncapi.yaml, and beside it the schemas that it
// refers to, with that of what webhooks are sent. The addresses stay.
const eventDocuments = "/events/"

// describeEvents serves the documents, with the names that streams and subjects have here.
func describeEvents(prefix string) http.Handler {
	files := events.Documents()
	names := strings.NewReplacer("SHEAF_", prefix+"_", "sheaf.v1.", strings.ToLower(prefix)+".v1.")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		data, err := fs.ReadFile(files, name)
		if name == webhook.SchemaName {
			data, err = webhook.Schema(), nil
		}
		if err != nil || name != r.URL.Path {
			http.Error(w, "There is no such document. asyncapi.yaml describes the events, and names the schemas beside it.", http.StatusNotFound)
			return
		}
		kind := "application/schema+json"
		if name == "asyncapi.yaml" {
			kind, data = "application/yaml", []byte(names.Replace(string(data)))
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Access-Control-Allow-Origin", "*") // for tools that run in browsers
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	})
}
