package memstore

// Visits counts the resources that List looked at.
func (s *Store) Visits() int64 { return s.visits.Load() }
