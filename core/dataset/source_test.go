package dataset

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mixfolder/core/source"
)

// archive is a source that is no directory, as a .zip file would be.
type archive struct{ fstest.MapFS }

func (archive) Path(name string) string                      { return "archive/" + name }
func (a archive) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(a.MapFS, name) }
func (a archive) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(a.MapFS, name) }
func (a archive) NewReader() source.Reader                   { return archiveReader{a.MapFS} }
func (archive) Check(string) error                           { return nil }

type archiveReader struct{ fs.FS }

func (r archiveReader) Read(name string, _ []byte, _ source.Admit) ([]byte, error) {
	return fs.ReadFile(r.FS, name)
}

func (r archiveReader) Head(name string, _ []byte, _ int) ([]byte, int64, error) {
	data, err := fs.ReadFile(r.FS, name)
	return data, int64(len(data)), err
}

func (archiveReader) Prefetch(string) {}

func TestAnySourceIsScanned(t *testing.T) {
	files := archive{fstest.MapFS{}}
	for name, content := range map[string]string{"b/2.jpg": "x", "b/sub/1.png": "x",
		"b/notes": "text", "a/unnamed": "\x89PNG\r\n\x1a\n        ", ".hidden/1.png": "x"} {
		files.MapFS[name] = &fstest.MapFile{Data: []byte(content)}
	}
	d, err := Scan(files, Options{})
	if err != nil || !slices.Equal(d.Names, []string{"a/unnamed", "b/2.jpg", "b/sub/1.png"}) ||
		!slices.Equal(d.Index, []int32{0, 1, 1}) || d.Path(1) != "archive/b/2.jpg" {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = Scan(archive{fstest.MapFS{"1.jpg": &fstest.MapFile{}}}, Options{})
	if err == nil || !strings.Contains(err.Error(), `"archive/." has no class folders`) {
		t.Error(err)
	}
}
