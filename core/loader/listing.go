package loader

import (
	"encoding/json"

	"mixfolder/core/dataset"
)

// List returns a part of the listing of the subset.
func (l *Loader) List(part dataset.Part) ([]byte, error) {
	switch part {
	case dataset.Info:
		return l.data.InfoDocument(l.warnings, map[string]any{"samples": len(l.members),
			"threads": l.threads, "subset": l.subset, "drawn": l.drawn(),
			"phases": l.Phases()})
	case dataset.BadFiles:
		return json.Marshal(l.BadFiles())
	}
	return l.data.List(part, l.members)
}
