package text

import "testing"

func TestPrintableEscapesWhatATerminalObeys(t *testing.T) {
	for in, want := range map[string]string{
		`plain "quoted" C:\x \n é 漢字`:       `plain "quoted" C:\x \n é 漢字`,
		"a\x1b[31mb\nc\x00\x7f":             `a\x1b[31mb\nc\x00\x7f`,
		"\u009b31m \u202egnp \u2066 \ufeff": `\u009b31m \u202egnp \u2066 \ufeff`,
		"\xff\xfe and \\ and \"\x9b\"":      `\xff\xfe and \ and "\x9b"`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
