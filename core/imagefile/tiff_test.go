package imagefile

import (
	"encoding/binary"
	"errors"
	"testing"
)

// tiledTIFF returns the header of an 8 x 8 gray TIFF file with one LZW-compressed
// square tile. The tile itself is missing.
func tiledTIFF(side uint32) []byte {
	le := binary.LittleEndian
	entries := [][2]uint32{
		{tagWidth, 8}, {tagHeight, 8}, {tagBits, 8}, {tagCompression, tiffLZW},
		{tagPhotometric, tiffBlackIsZero}, {tagTileWidth, side}, {tagTileLength, side},
		{tagTileOffsets, 8}, {tagTileCounts, 100},
	}
	b := []byte("II*\x00\x08\x00\x00\x00")
	b = le.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(b, uint16(e[0]))
		b = le.AppendUint16(b, typeLong)
		b = le.AppendUint32(b, 1)
		b = le.AppendUint32(b, e[1])
	}
	return le.AppendUint32(b, 0)
}

// TestTileSizeFollowsMaxPixels checks that the size limit of tiles is
// Options.MaxPixels, whether it is above or below the default.
func TestTileSizeFollowsMaxPixels(t *testing.T) {
	for _, c := range []struct {
		side      uint32
		maxPixels int
		refused   bool
	}{
		{16, 0, false},
		{16, 64, true},
		{16, 256, false},
		{13408, 0, true}, // more than defaultMaxPixels
		{13408, 13408 * 13408, false},
		{13408, 13408*13408 - 1, true},
	} {
		_, err := Inspect(tiledTIFF(c.side), Options{MaxPixels: c.maxPixels})
		if c.refused && !errors.Is(err, ErrTooLarge) || !c.refused && err != nil {
			t.Errorf("tile side %d, MaxPixels %d: error %v", c.side, c.maxPixels, err)
		}
	}
}
