package document

// Limits bound what a document may cost. A zero field is no limit, but for
// Depth: 1000 levels are the most that is ever read.
type Limits struct {
	Depth      int // nested arrays and objects
	Nodes      int // values in all
	String     int // bytes of one string
	LongString int // bytes of one binary or reference value (photos, certificates)
	Number     int // bytes of one number
	Elements   int // elements of one multi-valued attribute
	Members    int // elements of one list of references to resources (members)
	Label      int // characters of displayName and externalId
	UserName   int // characters of userName
}

// longest is the limit for strings whose attribute is not known.
func (l *Limits) longest() int {
	if l.String == 0 || l.LongString == 0 {
		return 0
	}
	return max(l.String, l.LongString)
}
