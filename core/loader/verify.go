package loader

import (
	"crypto/sha256"
	"encoding/hex"

	"mixfolder/core/imagefile"
	"mixfolder/core/text"
	"mixfolder/core/workpool"
)

// FileInfo is what a file turned out to be.
type FileInfo struct {
	// Format, Mode (Pillow's) and the upright size are empty where not even the headers
	// can be read.
	Format string `json:"format"`
	Mode   string `json:"mode"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bits   int    `json:"bits"`   // image.Image.Bits
	SHA256 string `json:"sha256"` // of the content; empty where the file cannot be read
	Reason string `json:"reason"` // why there is no image of it; empty where there is
}

// verify decodes a file as for training. The error is one that is not the file's fault.
func verify(l *Loader, w *worker, file int32) (v FileInfo, err error) {
	if err = workpool.Recover(func() error { return v.fill(l, w, file) }); err == nil {
		return v, nil
	}
	bad := l.named(file, err)
	if !bad.Fault {
		return v, bad
	}
	v.Reason = text.Printable(err.Error())
	return v, nil
}

func (v *FileInfo) fill(l *Loader, w *worker, file int32) error {
	if err := w.read(l, file); err != nil {
		return err
	}
	sum := sha256.Sum256(w.file)
	v.SHA256 = hex.EncodeToString(sum[:])
	info, err := imagefile.Inspect(w.file, w.config.image)
	if err != nil {
		return err
	}
	v.Format, v.Mode, v.Width, v.Height = info.Format, info.Mode, info.Width, info.Height
	w.whole = true
	p, err := w.pixels(l)
	v.Bits = p.Bits
	return err
}
