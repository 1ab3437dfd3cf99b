package loader

import (
	"encoding/json"
	"fmt"

	"mixfolder/core/dataset"
	"mixfolder/core/plan"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// openSurvey opens a folder that is only to be looked through, with what is wrong about
// it.
func openInspection(src source.Source, classNames []string, o Options) (*Loader, error) {
	if err := o.checkThreads(); err != nil {
		return nil, err
	}
	listing, err := dataset.Scan(src, dataset.Options{Classes: classNames, Flat: true,
		FollowLinks: o.FollowLinks, Tolerant: true, Stopped: o.GivenUp})
	if err != nil {
		return nil, err
	}
	l := emptyLoader(listing, o)
	l.members = listing.All()
	l.warnings = append(l.warnings, listing.Warnings...)
	if l.config.image, err = o.decoding(); err != nil {
		return nil, err
	}
	l.start(nil)
	return l, nil
}

// Inspect starts to look at the members from first on, n of them. Wait for the ticket,
// then fetch the findings with Result: a JSON list of Verified, in the order of the
// members. A survey goes through a folder in parts so that its progress can be seen and
// it can be stopped.
func (l *Loader) Inspect(first, n int) (workpool.Ticket, error) {
	if first < 0 || n < 1 || n > len(l.members)-first {
		return 0, fmt.Errorf("loader: there are no files %d to %d: the folder has %d", first,
			first+n-1, len(l.members))
	}
	files := l.members[first : first+n]
	images := make([]plan.Image, n)
	for i, file := range files {
		images[i].File = file
	}
	l.readahead.request(images)
	found := make([]FileInfo, n)
	o := &request{}
	o.Stages = []stage{
		{N: n, Run: func(w *worker, i int) (err error) {
			defer w.leave()
			found[i], err = verify(l, w, files[i])
			return err
		}},
		{N: 1, Run: func(*worker, int) (err error) {
			o.Output, err = json.Marshal(found)
			return err
		}},
	}
	return l.Requests.Start(o)
}
