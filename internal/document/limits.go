package document

// Limits bound what a document may cost. A zero field is no limit.
type Limits struct {
	Depth      int // nested arrays and objects
	Nodes      int // values in all
	String     int // bytes of one string
	LongString int // bytes of one binary or reference value (photos, certificates)
	Number     int // bytes of one number
	Elements   int // elements of one multi-valued attribute
	Members    int // elements of one list of references to resources (members)
	Label      int // runes of displayName and externalId
	UserName   int // runes of userName
}
