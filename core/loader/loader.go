// Package loader produces batches: it opens a data set, accepts requests and fills
// caller-owned buffers on a pool of workers.
package loader

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"mixfolder/core/dataset"
	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
	"mixfolder/core/plan"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// worker makes images, and mixes them.
type worker struct {
	*pipeline.Worker
	masks  *pipeline.Worker // nil if there are none
	mixing mix.Scratch
}

type (
	stage   = workpool.Stage[*worker]
	job     = workpool.Job[*worker]
	request = workpool.Request[*worker]
)

// Loader fills batches from one subset of one folder. It is safe for concurrent use.
type Loader struct {
	*workpool.Requests[*worker] // batches, contact sheets and explanations

	data     *dataset.Dataset
	division *dataset.Division // nil if all files are used
	subset   string
	members  []int32  // the subset's files, as indices in data, ascending
	warnings []string // sentences for the user about the scan and the split
	phases   []*phase // one at least, in the order of their epochs
	config   config
	// classSizes are the numbers of images in the classes; nil unless labels are mixed by
	// them.
	classSizes  []int
	samplers    versions[plan.Sampler]  // nil if an epoch has each image once
	lossWeights versions[label.Weights] // of samples in the loss, if batches have them
	threads     int
	batches     atomic.Int64   // made so far
	mixTime     pipeline.Timer // over all workers
	bad         badFiles
	ahead       *source.Readahead

	closing sync.Once
	closed  chan struct{} // closed when the workers have ended and all is freed

	mu      sync.Mutex
	scratch [][]byte // pixels between decoding and mixing, for reuse
}

// Open scans src and starts the workers. If shareWith is not nil, its data set is used
// instead of a scan, and its memory limits apply to both together. classNames, if not
// empty, chooses the classes and their order. Close must be called.
func Open(src source.Source, classNames []string, o Options, shareWith *Loader) (*Loader, error) {
	if shareWith != nil {
		return newLoader(shareWith.data, o, shareWith)
	}
	data, err := dataset.Scan(src, dataset.Options{Classes: classNames, Flat: len(o.Heads) == 0,
		FollowLinks: o.FollowLinks, Stopped: o.Abandoned})
	if err != nil {
		return nil, err
	}
	return OpenDataset(data, o)
}

// OpenDataset is Open for an existing data set. It adds the masks to it, if there are
// any.
func OpenDataset(data *dataset.Dataset, o Options) (*Loader, error) {
	if err := o.Masks.addTo(data, o.OnError == "skip"); err != nil {
		return nil, err
	}
	return newLoader(data, o, nil)
}

func newLoader(data *dataset.Dataset, o Options, shareWith *Loader) (*Loader, error) {
	if len(o.Groups) > 0 {
		var err error
		if data, err = data.WithGroups(o.Groups); err != nil {
			return nil, err
		}
	}
	if data.Flat && data.Masks == nil && o.Subset == "" && o.ValidationSplit == nil {
		o.Subset = validation // a test set
	}
	l := &Loader{data: data, subset: o.Subset, warnings: []string{}, closed: make(chan struct{})}
	var err error
	if l.threads, err = pipeline.ParseThreads(o.Threads); err != nil {
		return nil, err
	}
	if l.config, l.phases, err = o.config(data.Heads()); err != nil {
		return nil, err
	}
	if l.config.sampleWeights && len(l.config.arrays) == 1 && data.Masks == nil {
		return nil, errors.New("loader: sample_weight and class_weight need labels: choose a " +
			"label_mode")
	}
	if data.Masks != nil {
		if err = l.addMasks(&o); err != nil {
			return nil, err
		}
	}
	if err = l.divide(o, shareWith); err != nil {
		return nil, err
	}
	if err = l.addPlanners(&o.PlanOptions); err != nil {
		return nil, err
	}
	l.lossWeights.set(0, nil)
	budget, err := o.CacheOptions.Budget()
	if err != nil {
		return nil, err
	}
	l.start(budget, shareWith)
	return l, nil
}

// divide chooses the files of the subset. It uses the division of shareWith if that is
// the same.
func (l *Loader) divide(o Options, shareWith *Loader) error {
	l.warnings = append(l.warnings, l.data.Warnings...)
	parts, err := o.DatasetOptions.parts(o.Seed)
	if err != nil || parts == nil {
		l.members = l.data.All()
		return err
	}
	if shareWith != nil && shareWith.data == l.data && shareWith.division != nil &&
		shareWith.division.Parts == *parts {
		l.division = shareWith.division
	} else if l.division, err = o.DatasetOptions.divide(l.data, *parts); err != nil {
		return err
	}
	l.warnings = append(l.warnings, l.division.Warnings...)
	l.members = l.division.Members(o.heldOut(), o.Subset == training)
	return nil
}

// addPlanners makes the planner of each phase, and what else decides on rows.
func (l *Loader) addPlanners(o *PlanOptions) error {
	drawn, err := l.sampler(o)
	if err != nil {
		return err
	}
	l.samplers.set(0, drawn)
	for _, p := range l.phases {
		p.plan.Sampler = drawn
		if p.planner, err = plan.New(p.plan, l.members); err != nil {
			return err
		}
	}
	if l.anyPhase(func(p *phase) bool { return mix.NeedsClasses(p.mix) }) {
		l.classSizes = make([]int, len(l.data.Classes))
		for _, file := range l.members {
			l.classSizes[l.data.Index[file]]++
		}
	}
	return nil
}

// start starts the workers and the read-ahead.
func (l *Loader) start(budget *pipeline.CacheBudget, shareWith *Loader) {
	c := &l.config
	c.Source, c.Names, c.Stats = l.data.Source, l.data.Names, &pipeline.Stats{}
	c.Limiter = pipeline.NewMemLimiter(pipeline.DefaultMemory(l.threads))
	if shareWith != nil {
		c.Limiter.ShareWith(shareWith.config.Limiter)
		if shared := shareWith.config.Cache.Budget(); budget != nil && shared != nil {
			budget = shared
		}
	}
	c.Cache = pipeline.NewCache(len(c.Names), budget)
	l.bad = l.newBadFiles(c.skip)
	l.ahead = source.NewReadahead(c.Source)
	c.masks.start(c, l.data.Masks, budget)
	workers := make([]*worker, l.threads)
	for i := range workers {
		workers[i] = l.newWorker()
	}
	l.Requests = workpool.NewRequests(workers)
}

func (l *Loader) newWorker() *worker {
	w := &worker{Worker: pipeline.NewWorker(&l.config.Config)}
	if m := l.config.masks; m != nil {
		w.masks = pipeline.NewWorker(m.config)
	}
	return w
}

// Batches returns the number of batches in an epoch.
func (l *Loader) Batches(epoch uint64) int { return l.phase(epoch).planner.Batches() }

// Submit starts to fill x and y with a batch, by the weights that are set now, and returns
// at once. The buffers belong to the caller and are aligned for 4-byte values; they must
// stay valid, and must not be used otherwise, until Wait or Cancel reports that the ticket
// no longer runs. y is empty if batches are x alone.
func (l *Loader) Submit(epoch uint64, number int, x, y []byte) (workpool.Ticket, error) {
	if err := l.checkNumber(epoch, number); err != nil {
		return 0, err
	}
	wantX, wantY := l.BatchBytes(epoch, number)
	if err := checkBuffer("x", x, wantX); err != nil {
		return 0, err
	}
	if err := checkBuffer("y", y, wantY); err != nil {
		return 0, err
	}
	p := l.phase(epoch)
	f := l.newBatch(epoch, l.planned(epoch, number), p.mixer, l.unmixed(p), x, y)
	return l.Requests.Start(&f.request)
}

func (l *Loader) checkNumber(epoch uint64, number int) error {
	if n := l.Batches(epoch); number < 0 || number >= n {
		return fmt.Errorf("loader: there is no batch %d: an epoch has %d, counted from 0", number,
			n)
	}
	return nil
}

func checkBuffer(name string, b []byte, want int) error {
	if len(b) != want {
		return fmt.Errorf("loader: buffer %s has %d bytes, but the batch needs %d", name, len(b),
			want)
	}
	if len(b) > 0 && uintptr(unsafe.Pointer(&b[0]))%4 != 0 {
		return fmt.Errorf("loader: buffer %s must be aligned for 4-byte values", name)
	}
	return nil
}

// Close cancels all requests and ends the workers; false means that some are still
// running after timeout. Calling it again is optional and always allowed: all memory is
// freed when they have ended. Requests to a closed loader fail with workpool.ErrClosed.
func (l *Loader) Close(timeout time.Duration) bool {
	l.closing.Do(func() {
		l.ahead.Close()
		l.config.masks.close()
		l.config.Limiter.Close(workpool.ErrClosed)
		l.Requests.Close()
		go func() {
			<-l.Joined()
			<-l.ahead.Ended()
			l.config.Cache.Free()
			l.config.masks.free()
			close(l.closed)
		}()
	})
	return workpool.Within(l.closed, timeout)
}

// Closed is closed when, after Close, the workers have ended and all memory is freed.
func (l *Loader) Closed() <-chan struct{} { return l.closed }
