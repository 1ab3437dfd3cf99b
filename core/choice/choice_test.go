package choice

import "testing"

func TestSet(t *testing.T) {
	s := Set[int]{{"", 0}, {"one", 1}, {"two", 2}}
	for _, c := range s {
		if v, err := s.Parse("count", c.Name); v != c.Value || err != nil || s.NameOf(v) != c.Name {
			t.Errorf("%q: %v, %v, %q", c.Name, v, err, s.NameOf(v))
		}
	}
	const want = `choice: count must be one of None, "one", "two", but is "three"`
	if _, err := s.Parse("count", "three"); err == nil || err.Error() != want {
		t.Error(err)
	}
}
