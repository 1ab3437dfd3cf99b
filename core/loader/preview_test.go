//go:build unix

package loader

import "testing"

// TestPreviewDecodesOnlyWhatItShows draws a batch of more images than a contact sheet
// shows.
func TestPreviewDecodesOnlyWhatItShows(t *testing.T) {
	o := options(2)
	o.BatchSize = 400
	l := open(t, flowers(t, 200), o)
	b := l.phases[0].planner.Batch(0, 0)
	shown := firstOf(b, maxOnSheet)
	for i, s := range shown.Samples {
		if s.Image != b.Samples[i].Image || s.Partners[0].Image != b.Samples[i].Partners[0].Image {
			t.Errorf("sample %d is another", i)
		}
	}
	if len(shown.Samples) != maxOnSheet || len(b.Samples) != 400 {
		t.Errorf("%d of %d samples", len(shown.Samples), len(b.Samples))
	}
	preview(t, l)
	if s := l.Stats(); s.Images > 2*maxOnSheet {
		t.Errorf("%d images were decoded for a contact sheet of %d", s.Images, maxOnSheet)
	}
}
