package jpeg

import "bytes"

// Marker codes: ITU-T T.81 table B.1.
const (
	markerTEM   = 0x01
	markerSOF0  = 0xc0 // baseline sequential, Huffman
	markerSOF1  = 0xc1 // extended sequential, Huffman
	markerSOF2  = 0xc2 // progressive, Huffman
	markerDHT   = 0xc4
	markerSOF9  = 0xc9 // extended sequential, arithmetic
	markerSOF10 = 0xca // progressive, arithmetic
	markerDAC   = 0xcc
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDNL   = 0xdc
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// isRestart reports whether a marker is one of RST0 to RST7.
func isRestart(marker byte) bool { return markerRST0 <= marker && marker <= markerRST7 }

// nextMarker finds the first marker at or after offset at, and returns its code and the
// offset of the byte after it. Bytes before the marker are skipped, as next_marker of
// libjpeg's jdmarker.c does. ok is false if there is no marker.
func nextMarker(data []byte, at int) (marker byte, after int, ok bool) {
	for {
		i := bytes.IndexByte(data[min(at, len(data)):], 0xff)
		if i < 0 {
			return 0, len(data), false
		}
		for at += i; at < len(data) && data[at] == 0xff; at++ { // fill bytes
		}
		if at == len(data) {
			return 0, at, false
		}
		marker = data[at]
		at++
		if marker != 0 {
			return marker, at, true
		}
	}
}

// hasMarker reports whether a marker other than a restart marker is at or after offset
// at.
func hasMarker(data []byte, at int) bool {
	for {
		marker, after, ok := nextMarker(data, at)
		if !ok || !isRestart(marker) {
			return ok
		}
		at = after
	}
}
