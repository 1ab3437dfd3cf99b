// Package choice parses options that take one of a few named values.
package choice

import (
	"fmt"
	"strings"
)

// Set lists the values of an option with their names, in the order in which an error
// lists them. The name "" stands for Python's None.
type Set[T comparable] []struct {
	Name  string
	Value T
}

// Parse returns the value of a name. The error names the option.
func (s Set[T]) Parse(option, name string) (value T, err error) {
	names := make([]string, len(s))
	for i, c := range s {
		if c.Name == name {
			return c.Value, nil
		}
		if names[i] = fmt.Sprintf("%q", c.Name); c.Name == "" {
			names[i] = "None"
		}
	}
	return value, fmt.Errorf("choice: %s must be one of %s, but is %q", option,
		strings.Join(names, ", "), name)
}

// NameOf returns the name of a value, or "".
func (s Set[T]) NameOf(value T) string {
	for _, c := range s {
		if c.Value == value {
			return c.Name
		}
	}
	return ""
}
