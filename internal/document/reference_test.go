package document_test

import (
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
)

func TestRefersTo(t *testing.T) {
	for _, tt := range []struct {
		ref, id string
		want    bool
	}{
		{`"https://example.com/v2/Users/2819c223"`, `"2819c223"`, true},
		{`"../Users/2819c223"`, `"2819c223"`, true},
		{`"2819c223"`, `"2819c223"`, true},
		{`"../Users/2819c223"`, `"2819c22"`, false},
		{`"../Users/"`, `"2819c223"`, false},
		{`""`, `"2819c223"`, false},
		{`{}`, `"2819c223"`, false},
		{`"../Users/42"`, `42`, false},
		{`"../Users/42"`, ``, false},
	} {
		if got := RefersTo(Trusted([]byte(tt.ref)), Trusted([]byte(tt.id))); got != tt.want {
			t.Errorf("RefersTo(%s, %s) = %v", tt.ref, tt.id, got)
		}
	}
}
