package memstore

import (
	"iter"
	"slices"
	"sort"
)

// A list holds records in the order of creation, in blocks, so that inserting,
// removing and finding a position cost next to nothing in a list of a million.
type list struct {
	blocks [][]*record
	n      int
}

const blockSize = 512

// find gives the block in which a record with the sequence number seq stands
// or would stand, and its place there.
func (l *list) find(seq uint64) (block, at int) {
	block = sort.Search(len(l.blocks), func(i int) bool {
		b := l.blocks[i]
		return b[len(b)-1].seq >= seq
	})
	if block == len(l.blocks) {
		return block, 0
	}
	b := l.blocks[block]
	return block, sort.Search(len(b), func(i int) bool { return b[i].seq >= seq })
}

func (l *list) insert(r *record) {
	l.n++
	i, at := l.find(r.seq)
	if i == len(l.blocks) { // behind all others, as a rule
		if i == 0 || len(l.blocks[i-1]) == blockSize {
			l.blocks = append(l.blocks, []*record{r})
			return
		}
		l.blocks[i-1] = append(l.blocks[i-1], r)
		return
	}
	if len(l.blocks[i]) == blockSize {
		half := slices.Clone(l.blocks[i][blockSize/2:])
		l.blocks[i] = slices.Delete(l.blocks[i], blockSize/2, blockSize)
		l.blocks = slices.Insert(l.blocks, i+1, half)
		i, at = l.find(r.seq)
	}
	l.blocks[i] = slices.Insert(l.blocks[i], at, r)
}

// remove takes out r, which must be in the list.
func (l *list) remove(r *record) {
	l.n--
	i, at := l.find(r.seq)
	l.blocks[i] = slices.Delete(l.blocks[i], at, at+1)
	if i+1 < len(l.blocks) && len(l.blocks[i])+len(l.blocks[i+1]) <= blockSize/2 {
		l.blocks[i+1] = slices.Insert(l.blocks[i+1], 0, l.blocks[i]...)
		l.blocks[i] = nil
	}
	if len(l.blocks[i]) == 0 {
		l.blocks = slices.Delete(l.blocks, i, i+1)
	}
}

// from gives the records from position offset on.
func (l *list) from(offset int) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for _, b := range l.blocks {
			if offset >= len(b) {
				offset -= len(b)
				continue
			}
			for _, r := range b[offset:] {
				if !yield(r) {
					return
				}
			}
			offset = 0
		}
	}
}
