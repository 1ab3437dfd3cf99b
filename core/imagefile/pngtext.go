package imagefile

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
)

// pngText returns the value of a text chunk with the given keyword, decompressed up to
// maxTextBytes, or nil if the keyword differs. After the keyword and a NUL come: in
// tEXt, the value; in zTXt, the compression method and the value; in iTXt, two bytes,
// two NUL-terminated texts and the value.
func pngText(kind string, body []byte, key string) []byte {
	value, ok := bytes.CutPrefix(body, []byte(key+"\x00"))
	if !ok {
		return nil
	}
	packed := false
	switch {
	case kind == "zTXt" && len(value) > 0:
		packed, value = true, value[1:]
	case kind == "iTXt" && len(value) > 1:
		packed, value = value[0] != 0, value[2:]
		for range 2 { // language, translated keyword
			if _, value, ok = bytes.Cut(value, []byte{0}); !ok {
				return nil
			}
		}
	}
	if !packed {
		return value
	}
	text := []byte{} // not nil: the keyword matches
	if z, err := zlib.NewReader(bytes.NewReader(value)); err == nil {
		text, _ = io.ReadAll(io.LimitReader(z, maxTextBytes))
	}
	return text
}

// pngProfile decodes the EXIF block that ImageMagick wrote before the eXIf chunk
// existed: three header lines, then hexadecimal digits.
func pngProfile(text []byte) []byte {
	for range 3 {
		_, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return nil
		}
		text = rest
	}
	text = bytes.ReplaceAll(text, []byte("\n"), nil)
	out := make([]byte, hex.DecodedLen(len(text)))
	n, _ := hex.Decode(out, text[:len(text)&^1]) // up to the first byte that is no digit
	return out[:n]
}
