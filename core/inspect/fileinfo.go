package inspect

import (
	"crypto/sha256"
	"encoding/hex"

	"mixfolder/core/imagefile"
	"mixfolder/core/pipeline"
)

// FileInfo is the result of inspecting one file.
type FileInfo struct {
	// Format, Mode (Pillow's) and the size with EXIF orientation applied are empty if
	// not even the headers can be read.
	Format string `json:"format"`
	Mode   string `json:"mode"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bits   int    `json:"bits"`   // Decoder.SampleBits
	SHA256 string `json:"sha256"` // of the content; empty if the file cannot be read
	Reason string `json:"reason"` // why it cannot be decoded; empty if it can
}

// fill reads and decodes a file as for training.
func (f *FileInfo) fill(c *pipeline.Config, w *pipeline.Worker, file int32) error {
	if err := w.Read(file); err != nil {
		return err
	}
	sum := sha256.Sum256(w.File())
	f.SHA256 = hex.EncodeToString(sum[:])
	info, err := imagefile.Inspect(w.File(), c.Decode)
	if err != nil {
		return err
	}
	f.Format, f.Mode, f.Width, f.Height = info.Format, info.Mode, info.Width, info.Height
	_, f.Bits, err = w.DecodeFull()
	return err
}
