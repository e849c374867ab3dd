package scim_test

import (
	"net/http"
	"testing"

	"github.com/scimkit/scimkit/internal/transcript"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// TestTranscripts plays the wire transcripts.
func TestTranscripts(t *testing.T) {
	for _, folder := range []string{"rfc7644", "entra", "okta"} {
		transcript.Run(t, "testdata/"+folder+"/*.txtar", func(t *testing.T, s transcript.Script) http.Handler {
			store := memstore.New(memstore.Options{})
			return transcript.Open(t, s, func(n int) (all []scim.Endpoint) {
				for _, rt := range []*schema.ResourceType{schema.UserType(), schema.GroupType(), deviceType()}[:n] {
					all = append(all, scim.Endpoint{Type: rt, Handler: store.Handler(rt)})
				}
				return all
			})
		})
	}
}

func deviceType() *schema.ResourceType { return transcript.Device() }
