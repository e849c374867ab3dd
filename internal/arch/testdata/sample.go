package sample

import "errors"

// Limit is documented.
const Limit = 3

// The colors: a comment on the group documents its constants.
const (
	Red Color = iota
	Blue
	green
)

var ErrShape = errors.New("shape")

// Color has a method without a comment.
type Color uint8

func (c Color) String() string { return "" }

func (c *Color) Next() {}

func (c Color) hidden() {}

// Shape has fields of all kinds.
type Shape struct {
	Color
	Name, unexported string
	Edges            int
	Hook             func(s string) bool
}

type Alias = Shape

// Drawer has one method without a comment.
type Drawer interface {
	error
	// Draw is documented.
	Draw(x int) error
	Undraw()
	sealed()
}

// Pair is generic.
type Pair[K comparable, V any] struct {
	Key   K
	value V
}

func New[T any](t T, names ...string) (*Shape, error) { return nil, nil }
