package loader

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"mixfolder/core/text"
)

// Part is what Listed tells. The numbers are part of the C ABI.
type Part int32

// Parts. Names are ended by NUL, as they may have any other byte.
const (
	ListedClasses Part = 1 // names
	ListedPaths   Part = 2 // paths of the subset's files below the root
	ListedLabels  Part = 3 // their labels, int32
	ListedInfo    Part = 4 // a JSON object of counts, digest and warnings
	ListedBad     Part = 5 // the files that could not be read so far: a JSON list of Bad
	// of a survey: folders below the root from which nothing was taken, each followed
	// by the reason
	ListedFaults Part = 6
)

// Listed is a part of what the folder holds, as bytes.
func (l *Loader) Listed(what Part) ([]byte, error) {
	var b []byte
	switch what {
	case ListedClasses:
		for _, class := range l.listing.Classes {
			b = append(append(b, class...), 0)
		}
	case ListedPaths:
		for _, i := range l.members {
			b = append(append(b, l.listing.Names[i]...), 0)
		}
	case ListedLabels:
		for _, i := range l.members {
			b = binary.NativeEndian.AppendUint32(b, uint32(l.listing.Labels[i]))
		}
	case ListedInfo:
		warnings := make([]string, len(l.warnings))
		for i, w := range l.warnings {
			warnings[i] = text.Printable(w)
		}
		info := map[string]any{
			"files": len(l.listing.Names), "samples": len(l.members), "batches": l.Batches(), "threads": l.threads, "subset": l.subset,
			"digest": l.listing.Digest(), "warnings": warnings,
		}
		if l.planner != nil {
			info["batch"] = l.BatchSpec()
		}
		return json.Marshal(info)
	case ListedBad:
		return json.Marshal(l.BadFiles())
	case ListedFaults:
		for _, f := range l.listing.Skipped {
			b = append(append(append(append(b, f.Name...), 0), text.Printable(f.Reason)...), 0)
		}
	default:
		return nil, fmt.Errorf("loader: a listing has no part %d", what)
	}
	return b, nil
}
