package model

// ByDefault is the key, in the context of the creation of a resource, of the ID
// of the boolean attribute that is true because the client did not say what it
// is.
type ByDefault struct{}
