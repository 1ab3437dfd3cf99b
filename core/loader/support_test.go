//go:build unix

package loader

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// flowers makes a folder with n PNG files in each of two classes.
func flowers(t testing.TB, n int) string {
	t.Helper()
	root := t.TempDir()
	for _, class := range []string{"rose", "tulip"} {
		if err := os.Mkdir(filepath.Join(root, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			m := image.NewNRGBA(image.Rect(0, 0, 20, 30))
			for k := range m.Pix {
				m.Pix[k] = byte(k * (i + 3) * len(class))
			}
			m.Set(0, 0, color.White)
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, class, string(rune('a'+i))+".png"),
				b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// document has the options that all tests begin with: also those of the C ABI, in Go
// and Python.
var document = func() []byte {
	b, err := os.ReadFile("../../tests/support/options.json")
	if err != nil {
		panic(err)
	}
	return b
}()

func options(threads int) Options {
	o, err := ParseOptions(document)
	if err != nil {
		panic(err)
	}
	o.Threads = &threads
	return o
}

// TestTheDocumentNamesEveryOption: a new option is written there once, for all tests.
func TestTheDocumentNamesEveryOption(t *testing.T) {
	names := func(document []byte) (all []string) {
		stages := map[string]any{}
		if err := json.Unmarshal(document, &stages); err != nil {
			t.Fatal(err)
		}
		for name, value := range stages {
			all = append(all, name)
			if stage, ok := value.(map[string]any); ok {
				for option := range stage {
					all = append(all, name+"."+option)
				}
			}
		}
		slices.Sort(all)
		return all
	}
	all, err := json.Marshal(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(document), names(all); !slices.Equal(got, want) {
		t.Errorf("tests/support/options.json has %v instead of %v", got, want)
	}
}

// inception is the crop that networks for ImageNet are trained on.
const inception = `{"random_resized_crop":
	{"scale": [0.08, 1], "ratio": [0.75, 1.3333333333333333]}}`

const affine = `{"random_affine": {"rotation": [-20, 20], "shift_height": {"range": [-0.1, 0.1]},
	"shift_width": {"range": [0, 2]}, "shear": [-5, 5], "zoom": [0.8, 1.2], "fill_mode": "reflect",
	"fill_value": [0, 0, 0, 0], "legacy_axes": false}}`

// everything is a list of all augmentations, each with certainty.
var everything = []json.RawMessage{
	json.RawMessage(`{"color_jitter": {"brightness": [0.5, 1.5], "contrast": [0.5, 1.5],
		"saturation": [0, 2], "hue": [-0.2, 0.2], "prob": 1}}`),
	json.RawMessage(`{"channel_shift": {"range": 20, "prob": 1}}`),
	json.RawMessage(`{"grayscale": {"prob": 0.5}}`),
	json.RawMessage(`{"auto_contrast": {"prob": 1}}`),
	json.RawMessage(`{"equalize": {"prob": 1}}`),
	json.RawMessage(`{"posterize": {"bits": 5, "prob": 1}}`),
	json.RawMessage(`{"solarize": {"threshold": 200, "prob": 1}}`),
	json.RawMessage(`{"sharpness": {"factor": 2, "prob": 1}}`),
	json.RawMessage(`{"gaussian_blur": {"sigma": [0.1, 2], "prob": 1}}`),
	json.RawMessage(`{"random_erasing": {"prob": 1, "scale": [0.02, 0.3], "ratio": [0.3, 3],
		"value": [1, 2, 3, 255], "noise": true}}`),
	json.RawMessage(`{"rand_augment": {"num_ops": 2, "magnitude": 9}}`),
	json.RawMessage(`{"trivial_augment_wide": {}}`),
}

// policy is an option's document.
func policy(document string) *json.RawMessage {
	if document == "" {
		return nil
	}
	raw := json.RawMessage(document)
	return &raw
}

// patience is how long a test waits for what is to happen, however busy the machine is.
const patience = 30 * time.Second

func open(t testing.TB, root string, o Options) *Loader {
	t.Helper()
	return openSource(t, source.Dir(root), o)
}

func openSource(t testing.TB, src source.Source, o Options) *Loader {
	t.Helper()
	return closedLater(t)(Open(src, nil, o, nil))
}

// closedLater returns a function that passes on what was opened, and closes it when the
// test ends.
func closedLater(t testing.TB) func(*Loader, error) *Loader {
	return func(l *Loader, err error) *Loader {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if !l.Close(patience) {
				t.Error("the workers did not end")
			}
		})
		return l
	}
}

// batch waits for one batch.
func batch(t testing.TB, l *Loader, epoch uint64, number int) (x, y []byte, err error) {
	t.Helper()
	nx, ny := l.BatchBytes(epoch, number)
	x, y = make([]byte, nx), make([]byte, ny)
	ticket, err := l.Submit(epoch, number, x, y)
	if err != nil {
		return nil, nil, err
	}
	state, err := l.Wait(ticket, patience)
	if err == nil && state != workpool.Done {
		t.Fatalf("state %v", state)
	}
	release(t, l, ticket)
	return x, y, err
}

// release releases a ticket that no longer runs.
func release(t testing.TB, l *Loader, ticket workpool.Ticket) {
	t.Helper()
	if state, err := l.Cancel(ticket, 0); state != workpool.Cancelled || err != nil {
		t.Fatal(state, err)
	}
}

// result waits for what a ticket's job makes, and releases it.
func result(t testing.TB, l *Loader, ticket workpool.Ticket) []byte {
	t.Helper()
	if state, err := l.Wait(ticket, patience); state != workpool.Done || err != nil {
		t.Fatal(state, err)
	}
	data, err := l.Result(ticket)
	if err != nil {
		t.Fatal(err)
	}
	release(t, l, ticket)
	return data
}

// explain returns how a batch is made.
func explain(t testing.TB, l *Loader, epoch uint64, number int) (rows []SampleInfo) {
	t.Helper()
	ticket, err := l.Explain(epoch, number)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(result(t, l, ticket), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}
