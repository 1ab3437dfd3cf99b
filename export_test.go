package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"mixfolder/core/abi"
)

// exports are the functions of the ABI that take arguments. Test files cannot name C's
// types, so they are called by reflection.
var exports = []any{
	mixfolder_build_info, mixfolder_open, mixfolder_opened, mixfolder_listing, mixfolder_submit,
	mixfolder_wait, mixfolder_cancel, mixfolder_explain, mixfolder_sheet,
	mixfolder_inspect, mixfolder_result, mixfolder_stats, mixfolder_close,
}

// script yields choices from the bytes of a fuzz input; 0 when they are used up.
type script []byte

func (s *script) next() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

// caller holds the state of one fuzz input: contents for buffers, and every buffer
// passed, with a canary after its claimed length.
type caller struct {
	script   script
	contents [][]byte
	given    []buffer
}

type buffer struct {
	memory []byte // 8 more than the claimed length
	size   int
}

const canary = 0xa5

// buffer returns a pointer and a length: mostly right, else NULL, negative or too
// short.
func (c *caller) buffer() (unsafe.Pointer, int64) {
	content := c.contents[int(c.script.next())%len(c.contents)]
	size := len(content)
	switch c.script.next() % 8 {
	case 1:
		return nil, int64(size)
	case 2:
		return nil, 0
	case 3:
		return nil, -1 << 63
	case 4:
		size = 0
	case 5:
		size = size / 2
	case 6:
		return unsafe.Pointer(&make([]byte, 1)[0]), -1
	}
	b := buffer{make([]byte, size+8), size}
	copy(b.memory, content[:size])
	for i := range 8 {
		b.memory[size+i] = canary
	}
	c.given = append(c.given, b)
	return unsafe.Pointer(&b.memory[0]), int64(size)
}

// number is a small or an extreme one.
func (c *caller) number() int64 {
	switch b := c.script.next(); {
	case b < 200:
		return int64(b % 10)
	case b < 220:
		return -int64(b % 4)
	case b < 240:
		return 1<<63 - 1 - int64(b%4)
	default:
		return -1 << 63
	}
}

// call calls one export with arguments of the script. A pointer to bytes is always
// followed by their number; the last is the error's text.
func (c *caller) call(t *testing.T, f reflect.Value) {
	kind := f.Type()
	in := make([]reflect.Value, kind.NumIn())
	text := len(c.given)
	for i := 0; i < len(in); i++ {
		p := kind.In(i)
		switch {
		case p.Kind() != reflect.Pointer:
			in[i] = reflect.ValueOf(c.number()).Convert(p)
		case p.Elem().Size() == 1:
			text = len(c.given)
			at, n := c.buffer()
			in[i] = reflect.NewAt(p.Elem(), at)
			in[i+1] = reflect.ValueOf(n).Convert(kind.In(i + 1))
			i++
		case c.script.next()%8 == 1:
			in[i] = reflect.Zero(p)
		default:
			in[i] = reflect.New(p.Elem())
		}
	}
	status := f.Call(in)[0].Int()
	kindOf := status & 0xff // above it is the system's error number
	if status < int64(abi.OK) || kindOf > int64(abi.Memory) || kindOf == int64(abi.Internal) {
		t.Errorf("%v: status %d", kind, status)
	} else if status != int64(abi.OK) && text < len(c.given) && c.given[text].size > 0 {
		if b := c.given[text]; bytes.IndexByte(b.memory[:b.size], 0) < 0 {
			t.Errorf("the error's text has no end: %q", b.memory)
		}
	}
}

// settle waits until nobody writes to the buffers any more, and closes all.
func (c *caller) settle(t *testing.T) {
	for _, l := range abi.Handles.RemoveAll() {
		if !l.Close(20 * time.Second) {
			t.Error("a loader does not close")
		}
	}
	for _, b := range c.given {
		for _, v := range b.memory[b.size:] {
			if v != canary {
				t.Fatalf("written behind the end of a buffer of %d bytes", b.size)
			}
		}
	}
}

// FuzzABI plays calls with wrong numbers, lengths, NULLs, kinds and documents: an error
// at worst, and nothing is written that was not offered. (A length beyond the caller's
// own memory cannot be detected.)
func FuzzABI(f *testing.F) {
	root := images(f)
	good := options()
	document := func(change func(m map[string]any)) []byte {
		m := map[string]any{}
		if err := json.Unmarshal(good, &m); err != nil {
			f.Fatal(err)
		}
		change(m)
		b, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	contents := [][]byte{
		good, []byte(root), nil, []byte("a\x00b\x00"), make([]byte, 2*8*9*3*4),
		make([]byte, 2*2*4), []byte("x"), make([]byte, 4096),
		[]byte(`{"inspect": {"decode": {"color_mode": "rgb", "truncated": "raise"},
			"threads": 1}}`),
		document(func(m map[string]any) {
			m["on_error"], m["cache"] = "skip", map[string]any{"cache": "memory"}
		}),
		[]byte("a/0.png\x00b/0.png\x00b/9.png\x00"), {0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0},
		nil, // of the input itself
	}
	// A right open, then each export; and opens of documents that are wrong in each of
	// their values.
	open := []byte{1, 0, 0, 1, 0, 2, 0, 2, 0, 2, 0, 0, 0, 7, 0}
	for i := range exports {
		f.Add(slices.Concat(open, []byte{byte(i), 1, 0, 0, 4, 0, 5, 0, 0, 7, 0}), good)
		f.Add(slices.Concat(open, []byte{byte(i), 1, 0, 255, 4, 1, 5, 3, 1, 7, 6}), good)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(good, &fields); err != nil {
		f.Fatal(err)
	}
	wrong := slices.Clone(open)
	wrong[1] = byte(len(contents) - 1)
	for name, stage := range fields {
		for _, v := range []any{nil, "", "x", -1, 0, 1 << 62, 1e300, []int{1 << 31, 1 << 31},
			[]int{}, map[string]any{"mixup": map[string]any{"alpha": -1}}} {
			f.Add(slices.Concat(wrong, []byte{3, 1, 0, 0, 4, 0, 5, 0, 0, 7, 0}),
				document(func(m map[string]any) { m[name] = v }))
			options, _ := stage.(map[string]any)
			for option := range options {
				f.Add(slices.Concat(wrong, []byte{3, 1, 0, 0, 4, 0, 5, 0, 0, 7, 0}),
					document(func(m map[string]any) { m[name].(map[string]any)[option] = v }))
			}
		}
	}
	f.Fuzz(func(t *testing.T, calls, content []byte) {
		if len(calls) > 100 {
			return
		}
		c := caller{script: calls, contents: slices.Clone(contents)}
		c.contents[len(contents)-1] = content
		for len(c.script) > 0 {
			c.call(t, reflect.ValueOf(exports[int(c.script.next())%len(exports)]))
		}
		c.settle(t)
	})
}

// images makes a folder of two classes with two files each, one of them bad.
func images(t testing.TB) string {
	root := t.TempDir()
	for _, class := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(root, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			var b bytes.Buffer
			if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 5+i, 4))); err != nil {
				t.Fatal(err)
			}
			if class == "b" && i == 1 {
				b.Truncate(40)
			}
			if err := os.WriteFile(filepath.Join(root, class, fmt.Sprint(i, ".png")), b.Bytes(),
				0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// options is the document that all tests begin with, for batches of two by one thread.
func options() []byte {
	b, err := os.ReadFile("tests/support/options.json")
	if err != nil {
		panic(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	m["plan"].(map[string]any)["batch_size"], m["threads"] = 2, 1
	if b, err = json.Marshal(m); err != nil {
		panic(err)
	}
	return b
}
