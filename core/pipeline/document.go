package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ParseDocument reads a JSON document of options in groups, one per stage. Unknown
// names are errors.
func ParseDocument(document []byte, options any) error {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	err := d.Decode(options)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		argument := kind.Field
		if _, below, ok := strings.Cut(argument, "."); ok { // the stage is no argument
			argument = below
		}
		return fmt.Errorf("pipeline: %s cannot be a %s: see help(mixfolder.from_directory)",
			argument, kind.Value)
	}
	if err != nil {
		return fmt.Errorf("pipeline: the options cannot be read: %w", err)
	}
	return nil
}
