package plan

import "fmt"

// Shard says which rows of each batch are planned. BatchSize rows are divided among
// Count processes, so that the order of the images does not depend on their number: shard
// i has the i-th part of each batch. All shards have the same number of batches, of the
// same size: rows that are missing in the last one are filled up. The zero value plans all
// rows.
type Shard struct {
	Index int `json:"index"`
	Count int `json:"count"`
	// Devices divide the rows of this shard among them; the last batch is filled up if
	// there are several.
	Devices int `json:"devices"`
}

func (s *Shard) count() int { return max(s.Count, 1) }

func (s *Shard) parts() int { return s.count() * max(s.Devices, 1) }

// Fills tells whether the last batch is filled up, unless it is dropped.
func (s *Shard) Fills() bool { return s.parts() > 1 }

func (s *Shard) validate(batchSize int) error {
	if s.Index < 0 || s.Index >= s.count() || s.Devices < 0 {
		return fmt.Errorf("plan: there is no shard %d of %d", s.Index, s.count())
	}
	// Each is compared with batchSize first, as the product may overflow.
	if s.count() > batchSize || s.Devices > batchSize || batchSize%s.parts() != 0 {
		return fmt.Errorf("plan: batch_size, the number of samples in a batch of all processes "+
			"together, must be a multiple of %d (%d processes with %d devices each), but is %d",
			s.parts(), s.count(), max(s.Devices, 1), batchSize)
	}
	return nil
}
