package settings

import (
	"strings"
	"unicode/utf8"

	"github.com/scimkit/scimkit/token"
)

const (
	maxName  = 100 // characters of the name of a token, as for the Manager
	maxActor = 255 // characters of who made a change, too
)

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
		if !token.ValidName(string(r)) {
			return utf8.RuneError
		}
		return r
	}, actor)
	if runes := []rune(actor); len(runes) > maxActor {
		actor = string(runes[:maxActor])
	}
	return actor
}
