package settings

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
)

//go:embed assets/style.css assets/script.js
var assetFiles embed.FS

// assets are the files that the page loads. They hold nothing of any tenant, and
// need no session.
type assets struct {
	files   map[string][]byte
	version string
}

func newAssets(css string) assets {
	a := assets{files: map[string][]byte{"theme.css": []byte(css)}}
	for _, name := range []string{"style.css", "script.js"} {
		a.files[name], _ = assetFiles.ReadFile("assets/" + name) // embedded: it is there
	}
	sum := sha256.New()
	for _, name := range []string{"style.css", "script.js", "theme.css"} {
		sum.Write(a.files[name])
	}
	a.version = base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9])
	return a
}

var assetTypes = map[string]string{
	"style.css": "text/css; charset=utf-8",
	"theme.css": "text/css; charset=utf-8",
	"script.js": "text/javascript; charset=utf-8",
}

// serve answers with a file. Its URL changes with it, so that it may be kept.
func (a *assets) serve(w http.ResponseWriter, r *http.Request, name string) {
	data, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", assetTypes[name])
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.RawQuery == a.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Method == http.MethodGet {
		w.Write(data) // the client went away: nothing is left to be done
	}
}
