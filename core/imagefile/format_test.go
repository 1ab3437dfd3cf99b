package imagefile

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocumentsNameTheFormats checks that the user documentation lists exactly the
// registered formats.
func TestDocumentsNameTheFormats(t *testing.T) {
	docs, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^(?:\| |## )([A-Za-z]+)(?: \(.*\))?(?: \||$)`).
		FindAllStringSubmatch(string(docs), -1) {
		if slices.Contains(Names(), m[1]) {
			listed = append(listed, m[1])
		}
	}
	slices.Sort(listed)
	if listed = slices.Compact(listed); !slices.Equal(listed, Names()) {
		t.Errorf("docs/formats.md has rows for %v, must be %v", listed, Names())
	}
	python, err := os.ReadFile("../../python/mixfolder/directory.py")
	if err != nil {
		t.Fatal(err)
	}
	sentence := regexp.MustCompile(`(?s)them\. ([^.]*) files are recognized by their content`).
		FindStringSubmatch(string(python))
	if sentence == nil {
		t.Fatal("the docstring of from_directory does not name the formats")
	}
	named := strings.FieldsFunc(strings.ReplaceAll(sentence[1], " (first frame)", ""),
		func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
	named = slices.DeleteFunc(named, func(s string) bool { return s == "and" })
	slices.Sort(named)
	if !slices.Equal(named, Names()) {
		t.Errorf("the docstring names %v, must be %v", named, Names())
	}
}
