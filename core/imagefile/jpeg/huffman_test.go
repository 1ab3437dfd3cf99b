package jpeg

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// randomSpec returns a table with up to 256 symbols, deep or flat; some use every code.
func randomSpec(rnd *rand.Rand, symbols []byte) huffSpec {
	var s huffSpec
	free := 1
	depth := 1 + rnd.IntN(16)
	for length := 1; length <= 16 && s.n < len(symbols); length++ {
		free *= 2
		use := rnd.IntN(min(free, 40) + 1)
		if length >= depth {
			use = min(free, 255)
		}
		use = min(use, len(symbols)-s.n)
		s.counts[length-1] = byte(use)
		free -= use
		s.n += use
	}
	for i, at := range rnd.Perm(len(symbols))[:s.n] {
		s.symbols[i] = symbols[at]
	}
	return s
}

func allSymbols(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// TestACTable: every entry agrees with decoding its bits one by one.
func TestACTable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	var table acTable
	var single [1 << acBits]uint32
	for range 60 {
		s := randomSpec(rnd, allSymbols(256))
		if err := table.build(&s, &single); err != nil {
			t.Fatal(err)
		}
		for i, entry := range table.fast {
			buf := uint64(i) << (64 - acBits)
			symbol, length := table.slow.find(buf)
			advance, size := splitACSymbol(symbol)
			want := uint32(miss)
			if total := uint32(length) + size; length <= acBits {
				if want = acMissEntry(advance, size, length); total <= acBits && size <= 7 {
					want = acEntry(total, advance, advance, 0, 0, buf<<length, size)
					symbol, length2 := table.slow.find(buf << total)
					advance2, size2 := splitACSymbol(symbol)
					v1 := extend(buf<<length>>1>>(63-size), uint(size))
					both := total + uint32(length2) + size2
					if advance != endOfBlock && both <= acBits && -32 <= v1 && v1 < 32 &&
						size2 <= 7 {
						want = acEntry(both, advance, advance+advance2, buf<<length, size,
							buf<<total<<length2, size2)
					}
				}
			}
			if entry != want {
				t.Fatalf("%011b: %x, want %x", i, entry, want)
			}
		}
	}
}

// acEntry returns an entry of values at the top of bits1 and bits2.
func acEntry(total, advance1, advance uint32, bits1 uint64, size1 uint32, bits2 uint64,
	size2 uint32) uint32 {
	v1, v2 := extend(bits1>>1>>(63-size1), uint(size1)), extend(bits2>>1>>(63-size2), uint(size2))
	return total | (advance1-1)&15<<6 | uint32(v1)&63<<10 | uint32(uint8(v2))<<16 | advance<<24
}

func TestDCTable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	var table dcTable
	for range 60 {
		s := randomSpec(rnd, allSymbols(16))
		if err := table.build(&s); err != nil {
			t.Fatal(err)
		}
		for i, entry := range table.fast {
			size, length := table.slow.find(uint64(i) << (64 - dcBits))
			want := uint16(0)
			if length <= dcBits {
				want = dcEntry(size, length)
			}
			if entry != want {
				t.Fatalf("%09b: %x, want %x", i, entry, want)
			}
		}
	}
}

// TestCanonical: find agrees with decoding bit by bit.
func TestCanonical(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 14))
	for range 60 {
		s := randomSpec(rnd, allSymbols(256))
		var c canonicalCodes
		if err := c.build(&s, func(uint32, uint, byte) {}); err != nil {
			t.Fatal(err)
		}
		for range 500 {
			buf := rnd.Uint64()
			symbol, length := c.find(buf)
			want, wantLength := byte(0), uint(17)
			code, first, k := 0, 0, 0
			for l, count := range s.counts {
				code = code<<1 | int(buf>>(63-l)&1)
				if code < first+int(count) {
					want, wantLength = s.symbols[k+code-first], uint(l+1)
					break
				}
				k += int(count)
				first = (first + int(count)) << 1
			}
			if symbol != want || length != wantLength {
				t.Fatalf("%064b: %d of %d bits, want %d of %d", buf, symbol, length, want,
					wantLength)
			}
		}
	}
}

func TestBadTables(t *testing.T) {
	var dc dcTable
	var ac acTable
	var single [1 << acBits]uint32
	over := huffSpec{counts: [16]byte{1, 3}, n: 4}
	if err := ac.build(&over, &single); !errors.Is(err, ErrCorrupt) {
		t.Error("AC:", err)
	}
	if err := dc.build(&over); !errors.Is(err, ErrCorrupt) {
		t.Error("DC:", err)
	}
	wide := huffSpec{counts: [16]byte{1}, symbols: [256]byte{16}, n: 1}
	if err := dc.build(&wide); !errors.Is(err, ErrCorrupt) {
		t.Error("16 bits:", err)
	}
}

func TestValue(t *testing.T) {
	for size := uint(0); size <= 15; size++ {
		for bits := range uint64(1) << size {
			x := bits<<1<<(63-size) | 0x5555555555555555>>1>>size // what follows means nothing
			if got, want := extendTop(x, size), extend(bits, size); got != want {
				t.Fatalf("%d of %d bits: %d, want %d", bits, size, got, want)
			}
		}
	}
}
