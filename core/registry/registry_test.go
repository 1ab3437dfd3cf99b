package registry

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

type shape interface{ Validate() error }

type square struct {
	Side int `json:"side"`
}

func (s *square) Validate() error {
	if s.Side < 1 {
		return errors.New("side must be 1 or more")
	}
	return nil
}

func shapes() *Registry[shape] {
	r := New[shape]("geometry: shape")
	r.Register("square", func() shape { return new(square) })
	r.Register("box", func() shape { return new(square) })
	return r
}

func TestParse(t *testing.T) {
	got, err := shapes().Parse([]byte(`{"square": {"side": 3}}`))
	if s, ok := got.(*square); err != nil || !ok || s.Side != 3 {
		t.Errorf("%v, %v", got, err)
	}
	for document, want := range map[string]string{
		`{"square": {"side": 0}}`: "side must be 1 or more",
		`{"square": {"side": 1, "color": 2}}`: "geometry: shape: square: json: unknown field " +
			`"color"`,
		`{"circle": {}}`:            `unknown name "circle", must be one of box, square`,
		`{"square": {}, "box": {}}`: "must be an object with one name",
		`{}`:                        "must be an object with one name",
		`[]`:                        "must be an object with one name",
		``:                          "must be an object with one name",
	} {
		if got, err := shapes().Parse([]byte(document)); err == nil || got != nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want the error %q", document, got, err, want)
		}
	}
}

func TestRegister(t *testing.T) {
	r := shapes()
	if names := r.Names(); !slices.Equal(names, []string{"box", "square"}) {
		t.Error(names)
	}
	defer func() {
		if recover() == nil {
			t.Error("a name may be registered twice")
		}
	}()
	r.Register("box", func() shape { return new(square) })
}
