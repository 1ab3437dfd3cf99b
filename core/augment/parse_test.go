package augment

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"mixfolder/core/imageop"
	"mixfolder/core/resample"
)

// checkParsed compares the result of a Parse function.
func checkParsed(t *testing.T, document string, got any, err error, want any) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, %v", document, got, err)
	}
}

func TestParseCrop(t *testing.T) {
	for document, want := range map[string]Crop{
		`{"center_crop": {"fraction": 0.875}}`: &CenterCrop{0.875},
		`{"random_crop": {"padding": 4, "fill_mode": "reflect",
			"fill_value": [1, 2, 3]}}`: &RandomCrop{
			4, resample.FillReflect, [4]byte{1, 2, 3}},
		`{"random_resized_crop": {"scale": [0.08, 1], "ratio": [0.75, 1.25]}}`: &RandomResizedCrop{
			pair{0.08, 1}, pair{0.75, 1.25}},
	} {
		got, err := ParseCrop([]byte(document))
		checkParsed(t, document, got, err, want)
	}
}

func TestParseAffine(t *testing.T) {
	const document = `{"random_affine": {"rotation": [-9, 9],
		"shift_height": {"range": [0, 0], "values": [1, 2]},
		"shift_width": {"range": [-0.1, 0.1], "values": null}, "shear": [0, 0], "zoom": [1, 1],
		"fill_mode": "wrap", "fill_value": [0, 0, 0, 0], "legacy_axes": true}}`
	got, err := ParseAffine([]byte(document))
	checkParsed(t, document, got, err, &RandomAffine{
		Rotation:   pair{-9, 9},
		Height:     Shift{Values: []float64{1, 2}},
		Width:      Shift{Range: pair{-0.1, 0.1}},
		Zoom:       pair{1, 1},
		Fill:       resample.FillWrap,
		LegacyAxes: true,
	})
	_, err = ParseAffine([]byte(`{"random_affine": {"fill_mode": "mirror"}}`))
	if err == nil || !strings.Contains(err.Error(), "unknown fill mode") {
		t.Error(err)
	}
}

func TestParseList(t *testing.T) {
	for document, want := range map[string]Augmentation{
		`{"color_jitter": {"brightness": [0.5, 2], "contrast": [1, 1], "saturation": [1, 1],
			"hue": [0, 0], "prob": 0.8}}`: &ColorJitter{
			pair{0.5, 2}, pair{1, 1}, pair{1, 1}, pair{}, 0.8},
		`{"grayscale": {"prob": 0.1}}`: &RandomApply{
			imageop.Op{Kind: imageop.Grayscale}, 0.1},
		`{"posterize": {"bits": 4, "prob": 0.1}}`: &RandomApply{
			op(imageop.Posterize, 4), 0.1},
		`{"trivial_augment_wide": {}}`:                     &TrivialAugmentWide{},
		`{"rand_augment": {"num_ops": 2, "magnitude": 9}}`: &RandAugment{2, 9},
	} {
		got, err := ParseList([]json.RawMessage{json.RawMessage(document)})
		if err != nil {
			t.Fatal(err)
		}
		checkParsed(t, document, got.items[0].Augmentation, err, want)
	}
	for document, want := range map[string]string{
		`{"grayscale": {"prob": 7}}`:            "prob of grayscale must be",
		`{"grayscale": {"prob": 1, "bits": 4}}`: `unknown field "bits"`,
		`{"rand_augment": {"number": 2}}`:       `unknown field "number"`,
		`{"mixup": {}}`: "one of auto_contrast, channel_shift, " +
			"color_jitter",
		`{}`:                                  "an object with one name",
		`[]`:                                  "an object with one name",
		`{"random_affine": {"zoom": [1, 1]}}`: "an argument of its own",
		`{"random_erasing": {"prob": 1, "scale": [2, 3]}}`: "scale of RandomErasing",
	} {
		_, err := ParseList([]json.RawMessage{json.RawMessage(document)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", document, err, want)
		}
	}
}
