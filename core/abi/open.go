package abi

import (
	"encoding/json"
	"fmt"
	"time"

	"mixfolder/core/dataset"
	"mixfolder/core/handle"
	"mixfolder/core/inspect"
	"mixfolder/core/loader"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// Handles contains every handle of the C ABI that is not closed yet.
var Handles handle.Table

// Requester is what a handle refers to: a *loader.Loader or an *inspect.Inspection.
type Requester interface {
	Wait(t workpool.Ticket, timeout time.Duration) (workpool.State, error)
	Cancel(t workpool.Ticket, timeout time.Duration) (workpool.State, error)
	Result(t workpool.Ticket) ([]byte, error)
	List(part dataset.Part) ([]byte, error)
}

// Folder is what to open: a scan of a folder or, if the list has files or labels, the
// list. Classes are those of the list as well. Groups are loader.Options.Groups.
type Folder struct {
	Location string
	dataset.List
	Groups []string
	// Masks, if not empty, are the location of the masks and, for a list, their names
	// there, one per file.
	Masks []string
}

// Open starts to open a folder and returns the handle. The document is loader.Options,
// or {"inspect": inspect.Options} for an inspection. shareWith is 0 or the handle of a
// loader of the same folder, whose data set is reused.
func Open(document []byte, f Folder, shareWith int64) (int64, error) {
	open, err := opener(document, f, shareWith)
	if err != nil {
		return 0, err
	}
	opening, err := handle.Start(func(abandoned func() bool) (handle.Opened, error) {
		src, err := source.Open(f.Location)
		if err != nil {
			return nil, err
		}
		return open(src, abandoned)
	})
	if err != nil {
		return 0, err
	}
	return Handles.Add(opening), nil
}

// openFunc opens a source, unless the caller gives up.
type openFunc = func(src source.Source, abandoned func() bool) (handle.Opened, error)

// opener checks the arguments and returns the function that opens the folder.
func opener(document []byte, f Folder, shareWith int64) (openFunc, error) {
	var kind struct {
		Inspect json.RawMessage `json:"inspect"`
	}
	if json.Unmarshal(document, &kind); kind.Inspect != nil {
		o, err := inspect.ParseOptions(kind.Inspect)
		return func(src source.Source, abandoned func() bool) (handle.Opened, error) {
			o.Abandoned = abandoned
			return inspect.Open(src, f.Classes, o)
		}, err
	}
	o, err := loader.ParseOptions(document)
	if err != nil {
		return nil, err
	}
	o.Groups = f.Groups
	var other *loader.Loader
	if shareWith != 0 {
		if other, err = Find[*loader.Loader](shareWith); err != nil {
			return nil, err
		}
	}
	return func(src source.Source, abandoned func() bool) (handle.Opened, error) {
		if len(f.Masks) > 0 {
			masks, err := source.Open(f.Masks[0])
			if err != nil {
				return nil, err
			}
			o.Masks = &loader.MaskFiles{Source: masks, Names: f.Masks[1:]}
		}
		if other != nil || len(f.Names)+len(f.Labels)+len(f.Values) == 0 {
			o.Abandoned = abandoned
			return loader.Open(src, f.Classes, o, other)
		}
		f.Layouts = o.Layouts()
		list, err := dataset.FromList(src, f.List)
		if err != nil {
			return nil, err
		}
		return loader.OpenDataset(list, o)
	}, nil
}

// Find returns what a handle refers to, once it is open.
func Find[T any](h int64) (found T, err error) {
	opening, err := Handles.Find(h)
	if err != nil {
		return found, err
	}
	opened, err := opening.Opened()
	if err != nil {
		return found, err
	}
	found, ok := opened.(T)
	if !ok {
		return found, fmt.Errorf("mixfolder: handle %d is of another kind", h)
	}
	return found, nil
}

// WaitOpen waits until a handle is open.
func WaitOpen(h int64, timeout time.Duration) (workpool.State, error) {
	opening, err := Handles.Find(h)
	if err != nil {
		return 0, err
	}
	return opening.Wait(timeout)
}

// Close closes a handle. One that is closed already is Done.
func Close(h int64, timeout time.Duration) (workpool.State, error) {
	opening, err := Handles.Find(h)
	switch {
	case err == workpool.ErrClosed:
		return workpool.Done, nil
	case err != nil || !opening.Close(timeout):
		return workpool.Running, err
	}
	Handles.Remove(h)
	return workpool.Done, nil
}
