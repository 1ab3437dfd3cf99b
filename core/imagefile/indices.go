package imagefile

import (
	"errors"
	"fmt"
)

// hasIndices refuses files whose values are no class indices, for Options.Indices.
func (h *header) hasIndices() error {
	const remedy = "save the mask as a palette or gray image of 8 bits, such as a PNG file"
	if h.format.name == "jpeg" {
		return &remediedError{errors.New("compression has changed its values"), remedy}
	}
	switch h.mode {
	case "1", "L", "P":
		return nil
	}
	return &remediedError{fmt.Errorf("its pixels (%s) are no class indices", h.mode), remedy}
}
