// Package inspect reads and decodes every file of a folder once, for the Python
// functions verify and mean_std, and reports what each file is or why it is bad.
package inspect

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"mixfolder/core/badfile"
	"mixfolder/core/dataset"
	"mixfolder/core/pipeline"
	"mixfolder/core/source"
	"mixfolder/core/text"
	"mixfolder/core/workpool"
)

// Options control how a folder is inspected.
type Options struct {
	FollowLinks bool                   `json:"follow_links"`
	Decode      pipeline.DecodeOptions `json:"decode"`
	Threads     *int                   `json:"threads"` // see pipeline.ParseThreads

	// Abandoned, if set, reports whether the caller of Open has abandoned it.
	Abandoned func() bool `json:"-"`
}

// ParseOptions reads one JSON document. Unknown names are errors.
func ParseOptions(document []byte) (o Options, err error) {
	err = pipeline.ParseDocument(document, &o)
	return o, err
}

type (
	stage   = workpool.Stage[*pipeline.Worker]
	request = workpool.Request[*pipeline.Worker]
)

// Inspection is an open folder. It is safe for concurrent use.
type Inspection struct {
	*workpool.Requests[*pipeline.Worker]

	data    *dataset.Dataset
	config  pipeline.Config
	ahead   *source.Readahead
	closing sync.Once
	closed  chan struct{}
}

// Open scans src, skipping folders that cannot be read, and starts the workers.
// classNames, if not empty, chooses the classes and their order. Close must be called.
func Open(src source.Source, classNames []string, o Options) (*Inspection, error) {
	threads, err := pipeline.ParseThreads(o.Threads)
	if err != nil {
		return nil, err
	}
	decode, err := o.Decode.Parse()
	if err != nil {
		return nil, err
	}
	data, err := dataset.Scan(src, dataset.Options{Classes: classNames, Flat: true,
		FollowLinks: o.FollowLinks, Tolerant: true, Stopped: o.Abandoned})
	if err != nil {
		return nil, err
	}
	n := &Inspection{data: data, ahead: source.NewReadahead(src),
		closed: make(chan struct{}), config: pipeline.Config{Source: src,
			Names: data.Names, Decode: decode, Stats: &pipeline.Stats{},
			Limiter: pipeline.NewMemLimiter(pipeline.DefaultMemory(threads))}}
	workers := make([]*pipeline.Worker, threads)
	for i := range workers {
		workers[i] = pipeline.NewWorker(&n.config)
	}
	n.Requests = workpool.NewRequests(workers)
	return n, nil
}

// Inspect starts to inspect count files from first on. Result returns a JSON list of
// FileInfo, in the order of the files, when the ticket is Done. A caller goes through a
// folder in parts, so that it can show progress and can stop.
func (n *Inspection) Inspect(first, count int) (workpool.Ticket, error) {
	if first < 0 || count < 1 || count > len(n.data.Names)-first {
		return 0, fmt.Errorf("inspect: there are no files %d to %d: the folder has %d", first,
			first+count-1, len(n.data.Names))
	}
	n.ahead.Request(slices.Values(n.data.Names[first : first+count]))
	found := make([]FileInfo, count)
	q := &request{}
	q.Stages = []stage{
		{N: count, Run: func(w *pipeline.Worker, i int) error {
			defer w.Release()
			return n.file(w, int32(first+i), &found[i])
		}},
		{N: 1, Run: func(*pipeline.Worker, int) (err error) {
			q.Output, err = json.Marshal(found)
			return err
		}},
	}
	return n.Start(q)
}

// file inspects one file. It returns only errors that the file is not to blame for.
func (n *Inspection) file(w *pipeline.Worker, file int32, info *FileInfo) error {
	err := workpool.Recover(func() error { return info.fill(&n.config, w, file) })
	if err == nil {
		return nil
	}
	if bad := badfile.New(n.data, file, int(file), err); !bad.BadFile {
		return bad
	}
	info.Reason = text.Printable(err.Error())
	return nil
}

// List returns a part of the listing.
func (n *Inspection) List(part dataset.Part) ([]byte, error) {
	if part == dataset.Info {
		return n.data.InfoDocument(n.data.Warnings, nil)
	}
	return n.data.List(part, n.data.All())
}

// Close cancels all requests and ends the workers; false means that some are still
// running after timeout. Calling it again is optional and always allowed.
func (n *Inspection) Close(timeout time.Duration) bool {
	n.closing.Do(func() {
		n.ahead.Close()
		n.config.Limiter.Close(workpool.ErrClosed)
		n.Requests.Close()
		go func() {
			<-n.Joined()
			<-n.ahead.Ended()
			close(n.closed)
		}()
	})
	return workpool.Within(n.closed, timeout)
}

// Closed is closed when the workers have ended after Close.
func (n *Inspection) Closed() <-chan struct{} { return n.closed }
