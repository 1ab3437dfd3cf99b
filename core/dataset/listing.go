package dataset

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"mixfolder/core/label"
	"mixfolder/core/text"
)

// Part is a part of a listing. The numbers are part of the C ABI.
type Part int32

// Parts of a listing. Names are terminated by NUL, as they may have any other byte.
const (
	Classes  Part = 1 // names, those of one head after the other
	Names    Part = 2 // of the subset's files
	Labels   Part = 3 // of the subset's files: int32, or float32 values; per head
	Info     Part = 4 // a JSON object of counts, digest, warnings and more
	BadFiles Part = 5 // files that could not be read so far, a JSON list; of batches
	Skipped  Part = 6 // folders, each followed by the reason; of inspections
	Members  Part = 7 // of the subset: int32 indices of its files in the whole data set
	MaskList Part = 8 // names of the masks of the subset's files, if there are any
)

// List returns a part of the listing of a subset, given by indices, as bytes. Its owner
// knows the other parts.
func (d *Dataset) List(part Part, subset []int32) ([]byte, error) {
	var b []byte
	switch part {
	case Classes:
		for _, t := range d.Heads() {
			for _, class := range t.Classes {
				b = append(append(b, class...), 0)
			}
		}
	case Names:
		for _, i := range subset {
			b = append(append(b, d.Names[i]...), 0)
		}
	case Labels:
		for _, t := range d.Heads() {
			b = appendLabels(b, &t, subset)
		}
	case Members:
		for _, i := range subset {
			b = binary.NativeEndian.AppendUint32(b, uint32(i))
		}
	case MaskList:
		for _, i := range subset {
			if d.Masks != nil {
				b = append(append(b, d.Masks.Names[i]...), 0)
			}
		}
	case Skipped:
		for _, f := range d.Skipped {
			b = append(append(append(append(b, f.Name...), 0), text.Printable(f.Reason)...), 0)
		}
	default:
		return nil, fmt.Errorf("dataset: the listing has no part %d", part)
	}
	return b, nil
}

func appendLabels(b []byte, t *label.Table, subset []int32) []byte {
	for _, i := range subset {
		if t.Index != nil {
			b = binary.NativeEndian.AppendUint32(b, uint32(t.Index[i]))
			continue
		}
		for _, v := range t.Row(i) {
			b = binary.NativeEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}

// InfoDocument returns the Info part: what every owner tells, and more.
func (d *Dataset) InfoDocument(warnings []string, more map[string]any) ([]byte, error) {
	layouts := []Layout{}
	for _, t := range d.Heads() {
		layouts = append(layouts, Layout{Classes: len(t.Classes), Width: t.Width})
	}
	info := map[string]any{"files": len(d.Names), "digest": d.Digest(), "layouts": layouts}
	info["warnings"], info["unused"] = printable(warnings), printable(d.Unused)
	for name, value := range more {
		info[name] = value
	}
	return json.Marshal(info)
}

func printable(names []string) []string {
	p := make([]string, len(names))
	for i, name := range names {
		p[i] = text.Printable(name)
	}
	return p
}
