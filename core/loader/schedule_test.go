//go:build unix

package loader

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// scheduled changes every option that can change, in epochs 0, 2 and 5.
const scheduled = `{
	"image_size": [{"epoch": 0, "value": [8, 9]}, {"epoch": 2, "value": [12, 10]}],
	"batch_size": [{"epoch": 0, "value": 4}, {"epoch": 2, "value": 3}, {"epoch": 5, "value": 9}],
	"crop": [{"epoch": 0, "value": {"center_crop": {"fraction": 0.5}}},
		{"epoch": 5, "value": {"random_crop": {"padding": 2, "fill_mode": "constant",
			"fill_value": [0, 0, 0, 0]}}}],
	"affine": [{"epoch": 0, "value": null}, {"epoch": 5, "value": ` + affine + `}],
	"flip": [{"epoch": 0, "value": ""}, {"epoch": 2, "value": "both"}],
	"augment": [{"epoch": 0, "value": []},
		{"epoch": 2, "value": [{"rand_augment": {"num_ops": 2, "magnitude": 5}}]},
		{"epoch": 5, "value": [{"rand_augment": {"num_ops": 2, "magnitude": 9}}]}],
	"mix": [{"epoch": 0, "value": {"mixup": {"alpha": 0.4, "fold": false}}},
		{"epoch": 2, "value": {"mosaic": {"fit": "crop"}}}, {"epoch": 5, "value": null}],
	"val_image_size": null}`

func scheduleOptions(t *testing.T, document string) (s ScheduleOptions) {
	t.Helper()
	if err := json.Unmarshal([]byte(document), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAnEpochIsThatOfItsOptionsAlone compares each epoch of a schedule with the same
// epoch of a loader that has the options of this epoch and no schedule: batches, their
// number, explanations and sheets. The order of epochs does not matter.
func TestAnEpochIsThatOfItsOptionsAlone(t *testing.T) {
	root := flowers(t, 6)
	for _, cache := range []string{"", "memory"} {
		o := options(3)
		o.Schedule, o.Cache, o.OnError = scheduleOptions(t, scheduled), cache, "skip"
		all := open(t, root, o)
		for _, epoch := range []int64{6, 0, 2, 1, 5, 4, 0} {
			fixed := o.at(epoch)
			fixed.Schedule, fixed.Cache = ScheduleOptions{}, ""
			alone, e := open(t, root, fixed), uint64(epoch)
			if got, want := all.Batches(e), alone.Batches(e); got != want {
				t.Fatalf("epoch %d has %d batches instead of %d", epoch, got, want)
			}
			for n := range all.Batches(e) {
				x, y, err := batch(t, all, e, n)
				wantX, wantY, wantErr := batch(t, alone, e, n)
				if err != nil || wantErr != nil || !bytes.Equal(x, wantX) ||
					!bytes.Equal(y, wantY) {
					t.Errorf("cache %q: batch %d of epoch %d is another (%v, %v)", cache, n, epoch,
						err, wantErr)
				}
				if !bytes.Equal(made(t, all, all.Explain, e, n), made(t, alone, alone.Explain, e, n)) {
					t.Errorf("batch %d of epoch %d has another explanation", n, epoch)
				}
			}
			if !bytes.Equal(made(t, all, all.Preview, e, 0), made(t, alone, alone.Preview, e, 0)) {
				t.Errorf("epoch %d has another sheet", epoch)
			}
			if _, err := all.Submit(e, all.Batches(e), nil, nil); err == nil {
				t.Errorf("epoch %d has a batch too many", epoch)
			}
		}
	}
}

// made is the explanation or the contact sheet of a batch.
func made(t *testing.T, l *Loader, start func(uint64, int) (workpool.Ticket, error), epoch uint64,
	number int) []byte {
	t.Helper()
	ticket, err := start(epoch, number)
	if err != nil {
		t.Fatal(err)
	}
	return result(t, l, ticket)
}

// TestTheCacheServesAllSizes: with several sizes, images are cached as decoded.
func TestTheCacheServesAllSizes(t *testing.T) {
	for _, document := range []string{
		`{"image_size": [{"epoch": 0, "value": [8, 9]}, {"epoch": 1, "value": [12, 10]}]}`,
		`{"crop": [{"epoch": 0, "value": null},
			{"epoch": 1, "value": {"center_crop": {"fraction": 0.5}}}]}`,
		`{"mix": [{"epoch": 0, "value": null}, {"epoch": 1, "value": null}]}`,
	} {
		o := options(1)
		o.Schedule, o.Cache = scheduleOptions(t, document), "memory"
		l := open(t, flowers(t, 2), o)
		for epoch := range uint64(3) {
			if _, _, err := batch(t, l, epoch, 0); err != nil {
				t.Fatal(err)
			}
		}
		s := l.Stats()
		if finished := strings.Contains(document, "mix"); s.Images != 4 || s.CacheHits != 8 ||
			(s.CacheBytes == 4*8*9*3) != finished {
			t.Errorf("%s: %+v", document, s)
		}
	}
}

// TestValidationHasTheLastPhase in all epochs, or the size that is given for it.
func TestValidationHasTheLastPhase(t *testing.T) {
	root, share := flowers(t, 6), 0.5
	for _, size := range []*[2]int{nil, {20, 21}} {
		o := options(2)
		o.Schedule, o.Subset, o.ValidationSplit = scheduleOptions(t, scheduled), validation, &share
		o.Schedule.ValImageSize = size
		fixed := o.at(5)
		fixed.Schedule = ScheduleOptions{}
		if size != nil {
			fixed.ImageSize = *size
		}
		scheduled, alone := open(t, root, o), open(t, root, fixed)
		if got, want := scheduled.Phases(), alone.Phases(); !reflect.DeepEqual(got, want) ||
			got[0].Batch.Mixed || got[0].Batch.Altered {
			t.Errorf("%+v instead of %+v", got, want)
		}
		for epoch := range uint64(7) {
			x, y, err := batch(t, scheduled, epoch, 0)
			wantX, wantY, wantErr := batch(t, alone, 0, 0)
			if err != nil || wantErr != nil || !bytes.Equal(x, wantX) || !bytes.Equal(y, wantY) {
				t.Errorf("epoch %d is another (%v, %v)", epoch, err, wantErr)
			}
		}
	}
}

// TestPhases: some epoch mixes and flips, so all are said to vary.
func TestPhases(t *testing.T) {
	o := options(1)
	o.Schedule = scheduleOptions(t, scheduled)
	for i, p := range open(t, flowers(t, 6), o).Phases() {
		want := PhaseInfo{Epoch: uint64([]int{0, 2, 5}[i]), Batches: []int{3, 4, 2}[i],
			BatchSize: []int{4, 3, 9}[i], Rows: []int{4, 3, 9}[i], LastRows: []int{4, 3, 3}[i],
			ImageSize: [][2]int{{8, 9}, {12, 10}, {12, 10}}[i], Batch: p.Batch}
		if !reflect.DeepEqual(p, want) || !p.Batch.Mixed || !p.Batch.Altered {
			t.Errorf("%+v instead of %+v", p, want)
		}
	}
}

func TestInvalidSchedules(t *testing.T) {
	root := flowers(t, 2)
	for _, c := range []struct{ schedule, want string }{
		{`{"mix": [{"epoch": 3, "value": null}]}`, "mix must begin with epoch 0, but begins with 3"},
		{`{"flip": [{"epoch": 0, "value": ""}, {"epoch": 4, "value": ""},
			{"epoch": 4, "value": ""}]}`, "flip must ascend, but 4 follows 4"},
		{`{"batch_size": [{"epoch": 0, "value": 1}, {"epoch": 4, "value": 0}]}`,
			"batch_size must be 1 or more, but is 0"},
		{`{"image_size": [{"epoch": 0, "value": [4, 4]}, {"epoch": 4, "value": [4, 0]}]}`,
			"image_size must be"},
	} {
		o := options(1)
		o.Schedule = scheduleOptions(t, c.schedule)
		_, err := Open(source.Dir(root), nil, o, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.schedule, err, c.want)
		}
	}
	o := options(1)
	o.Heads[0].LabelMode, o.Mix = "int", nil
	o.Schedule = scheduleOptions(t,
		`{"mix": [{"epoch": 0, "value": null}, {"epoch": 1, "value": {"mixup": {"alpha": 1}}}]}`)
	_, err := Open(source.Dir(root), nil, o, nil)
	if err == nil || !strings.Contains(err.Error(), "int") {
		t.Errorf("mixed from epoch 1 on: error %v", err)
	}
}
