package loader

import (
	"errors"

	"mixfolder/core/badfile"
	"mixfolder/core/dataset"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
	"mixfolder/core/plan"
	"mixfolder/core/source"
)

// MaskFiles are the files of masks. nil stands for none.
type MaskFiles struct {
	Source source.Source
	// Names has the mask of each file of a list; it is empty for masks with the names of
	// their images.
	Names []string
}

// addTo adds the masks to a data set. A missing one may be tolerated.
func (m *MaskFiles) addTo(d *dataset.Dataset, tolerate bool) error {
	switch {
	case m == nil:
		return nil
	case len(m.Names) > 0:
		return d.ListMasks(m.Source, m.Names)
	}
	return d.FindMasks(m.Source, tolerate)
}

// masks is what the masks of all epochs have in common. nil stands for none.
type masks struct {
	classes *pipeline.Classes
	config  *pipeline.Config // of the workers that make masks
	ahead   *source.Readahead
}

// addMasks validates the options of a data set that has masks.
func (l *Loader) addMasks(o *Options) error {
	switch {
	case l.anyPhase(l.unmixed):
		return errors.New("loader: mix=Custom cannot mix masks: use a policy of mixfolder, or " +
			"mix=None")
	case o.fillers():
		return errors.New("loader: rows that fill up the last batch of several processes need " +
			"weights of 0, which do not go with masks: pass drop_last=True")
	case l.config.sampleWeights:
		return errors.New("loader: sample_weight and class_weight do not go with masks: Keras " +
			"multiplies the pixels of a row, not of an image, by the weights of a batch: leave them " +
			"out, and weight classes of pixels in the loss")
	}
	classes, oneHot, err := o.MaskOptions.Parse()
	if err != nil {
		return err
	}
	l.config.masks = &masks{classes: classes}
	n := 0
	if oneHot {
		n = classes.N
	}
	for _, p := range l.phases {
		if !oneHot && p.mix != nil && mix.Soft(p.mix) {
			return errors.New(`loader: mask_mode="int" has one class for each pixel, but mix ` +
				`blends the pixels of images: use mask_mode="categorical", or a mix that does not ` +
				`blend, such as CutMix()`)
		}
		p.maskTransforms = p.transforms.ForMasks()
		if p.masks, err = mix.NewClassMixer(p.format, n); err != nil {
			return err
		}
	}
	return nil
}

// start makes what the workers need, and starts the read-ahead.
func (m *masks) start(c *config, files *dataset.Masks, budget *pipeline.CacheBudget) {
	if m == nil {
		return
	}
	m.config = c.ForMasks(files.Source, files.Names, m.classes,
		pipeline.NewCache(len(files.Names), budget))
	m.ahead = source.NewReadahead(files.Source)
}

// close ends the read-ahead soon.
func (m *masks) close() {
	if m != nil {
		m.ahead.Close()
	}
}

// free waits for the read-ahead and frees the cache.
func (m *masks) free() {
	if m != nil {
		<-m.ahead.Ended()
		m.config.Cache.Free()
	}
}

// mask returns the finished mask of the image that a worker has just made: in scratch, or
// in the cache.
func (l *Loader) mask(w *worker, scratch []byte, m plan.Image, p *phase) ([]byte, error) {
	pix, err := w.masks.Image(scratch, pipeline.Image{File: m.File, Seed: m.Seed, Size: w.Size()},
		&p.maskTransforms)
	if err != nil {
		return nil, &badfile.MaskError{Path: l.data.Masks.Path(m.File), Err: err}
	}
	return pix, nil
}
