package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/text/unicode/norm"

	"mixfolder/core/text"
)

// Dir is the source of the files below a directory of this machine, given by its path.
// Only regular files are read: opening a pipe or a device could block.
type Dir string

// Path is a path of the operating system.
func (d Dir) Path(name string) string {
	if name == "." {
		return string(d)
	}
	return filepath.Join(string(d), name)
}

func (d Dir) Stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(d.Path(name))
	if err != nil {
		return nil, d.refused(name, err)
	}
	return info, nil
}

func (d Dir) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(d.Path(name))
	if err != nil {
		return nil, d.refused(name, err)
	}
	return entries, nil
}

func (d Dir) NewReader() Reader { return Reopening(&dirReader{root: string(d)}) }

var (
	errNoRoot   = errors.New("the whole folder is gone: is its disk still there?")
	errNoFolder = errors.New("its folder is gone or empty: is its disk still there?")
)

// Check also refuses an empty folder: it may be the mount point of a disk that is gone.
func (d Dir) Check(folder string) error {
	if _, err := os.Stat(string(d)); err != nil {
		return errNoRoot
	}
	path := d.Path(folder)
	if _, err := os.Stat(path + "/."); err != nil {
		return errNoFolder
	}
	f, err := os.Open(path)
	if err != nil {
		return nil // it can be entered, but not listed
	}
	defer f.Close()
	if _, err := f.Readdirnames(1); err == io.EOF {
		return errNoFolder
	}
	return nil
}

// refusal is an error of the system with a message that quotes the path.
type refusal struct {
	sentence string
	err      error
}

func (r *refusal) Error() string { return r.sentence + ": " + Cause(r.err) }
func (r *refusal) Unwrap() error { return r.err }

// refused adds the folder and the remedy to an error of the system.
func (d Dir) refused(name string, err error) error {
	path := d.Path(name)
	sentence := fmt.Sprintf("source: %q cannot be read", path)
	if name == "." {
		switch info, e := os.Stat(path); {
		case e == nil && !info.IsDir():
			return fmt.Errorf("source: %q is a file, not a directory: name the folder that holds "+
				"the class folders", path)
		case errors.Is(err, fs.ErrNotExist):
			remedy := "check the path"
			if other, ok := otherForm(path); ok {
				remedy = other
			}
			sentence = fmt.Sprintf("source: %q does not exist: %s", path, remedy)
		}
	}
	return &refusal{sentence, err}
}

// otherForm reports the part of a missing path that exists in another Unicode form.
func otherForm(path string) (sentence string, ok bool) {
	for parent := filepath.Dir(path); parent != path; path, parent = parent, filepath.Dir(parent) {
		entries, err := os.ReadDir(parent)
		if err != nil {
			continue // it is missing itself
		}
		name := filepath.Base(path)
		for _, e := range entries {
			if e.Name() != name && norm.NFC.String(e.Name()) == norm.NFC.String(name) {
				return fmt.Sprintf("%q has no %s, but %s: %s", parent, text.Form(name),
					text.Form(e.Name()), text.OtherForm), true
			}
		}
		return "", false
	}
	return "", false
}

// FileID identifies a file or folder of the operating system, independently of its
// path. It is comparable.
type FileID struct{ device, inode uint64 }

// ID returns the identity of a file or folder of a Dir; ok is false for those of other
// sources.
func ID(info fs.FileInfo) (id FileID, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return id, false
	}
	return FileID{uint64(stat.Dev), stat.Ino}, true
}

// errNotRegular is the error for files that are not read.
func errNotRegular(kind any) error { return fmt.Errorf("it is not a regular file (%v)", kind) }
