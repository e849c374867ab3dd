package settings

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/scimkit/scimkit/token"
)

const (
	maxName  = 100 // characters of the name of a token, as for the Manager
	maxActor = 255 // bytes
)

// isText tells whether r may stand in a name: what is visible, spaces, and what
// joins the letters of some scripts and emoji.
func isText(r rune) bool {
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Join_Control, r) || 0xe0020 <= r && r <= 0xe007f
}

// checkName tells what the Manager would refuse.
func checkName(name string) error {
	if !token.ValidName(name) {
		return badField("name", "name", "max", maxName)
	}
	return nil
}

// cleanActor makes of the host's name of somebody one that the log of events
// takes: what it has in it is not the fault of the person who asks.
func cleanActor(actor string) string {
	actor = strings.Map(func(r rune) rune {
		if !isText(r) {
			return utf8.RuneError
		}
		return r
	}, actor)
	if len(actor) <= maxActor {
		return actor
	}
	cut := maxActor
	for !utf8.RuneStart(actor[cut]) {
		cut--
	}
	return actor[:cut]
}
