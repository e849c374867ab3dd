package token

import "time"

// Limits are those of a Manager's Options, with what stands for 0.
type Limits struct {
	MaxTokens   int           // live ones of a tenant
	MaxLifetime time.Duration // 0 is no limit
	MaxOverlap  time.Duration
}

// Limits tells what the Manager allows, for forms that offer no more than that.
func (m *Manager) Limits() Limits {
	return Limits{m.options.MaxTokens, m.options.MaxLifetime, m.options.MaxOverlap}
}
