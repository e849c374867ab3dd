package host

import (
	_ "embed"
	"io"
	"net/http"
)

// Bar is the stylesheet of the bar above all pages of an example, also above its
// settings page.
//
//go:embed bar.css
var Bar string

//go:embed style.css
var style string

// ServeStyle serves the stylesheet of an example's own pages.
func ServeStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	io.WriteString(w, Bar+style) // the client may have gone
}
