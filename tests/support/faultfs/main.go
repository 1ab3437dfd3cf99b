// Command faultfs mounts a folder under another name, as a disk that is slow, hangs or
// fails:
//
//	faultfs MOUNTPOINT FOLDER
//
// It prints "ok" when it is mounted, and after each line that it reads from its input.
// A line is "clear", or a rule: an operation (lookup, list, open, read), the paths
// below the folder (a pattern of path.Match), and the fault: a delay ("30ms"), "hang",
// or the name of an error ("EIO"), optionally followed by the number of times. At the
// end of the input it unmounts. It needs root.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

type rule struct {
	op, pattern, fault string
	times              int // left; below 0 for ever
}

var (
	mu      sync.Mutex
	rules   []*rule
	changed = make(chan struct{}) // closed when the rules change
)

var errors = map[string]syscall.Errno{
	"EIO": syscall.EIO, "ESTALE": syscall.ESTALE, "EACCES": syscall.EACCES,
	"ENOENT": syscall.ENOENT, "EMFILE": syscall.EMFILE,
}

// fault returns the fault for an operation, and a channel that is closed when the rules
// change.
func fault(op, name string) (string, <-chan struct{}) {
	mu.Lock()
	defer mu.Unlock()
	for _, r := range rules {
		if ok, _ := path.Match(r.pattern, name); ok && r.op == op && r.times != 0 {
			r.times--
			return r.fault, changed
		}
	}
	return "", changed
}

// inject applies the rules to an operation. One that hangs continues when they change,
// and ends when its process is killed.
func inject(ctx context.Context, op, name string) syscall.Errno {
	for {
		f, changed := fault(op, name)
		if f != "hang" {
			delay, _ := time.ParseDuration(f)
			time.Sleep(delay)
			return errors[f]
		}
		select {
		case <-ctx.Done():
			return syscall.EINTR
		case <-changed:
		}
	}
}

type node struct{ fs.LoopbackNode }

func (n *node) name() string { return n.Path(n.Root()) }

func (n *node) Lookup(
	ctx context.Context, name string, out *fuse.EntryOut,
) (*fs.Inode, syscall.Errno) {
	if errno := inject(ctx, "lookup", path.Join(n.name(), name)); errno != 0 {
		return nil, errno
	}
	return n.LoopbackNode.Lookup(ctx, name, out)
}

func (n *node) OpendirHandle(
	ctx context.Context, flags uint32,
) (fs.FileHandle, uint32, syscall.Errno) {
	if errno := inject(ctx, "list", n.name()); errno != 0 {
		return nil, 0, errno
	}
	return n.LoopbackNode.OpendirHandle(ctx, flags)
}

func (n *node) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if errno := inject(ctx, "open", n.name()); errno != 0 {
		return nil, 0, errno
	}
	h, _, errno := n.LoopbackNode.Open(ctx, flags)
	return h, fuse.FOPEN_DIRECT_IO, errno // no page cache: each read is served here
}

func (n *node) Read(
	ctx context.Context, h fs.FileHandle, b []byte, at int64,
) (fuse.ReadResult, syscall.Errno) {
	if errno := inject(ctx, "read", n.name()); errno != 0 {
		return nil, errno
	}
	return h.(fs.FileReader).Read(ctx, b, at)
}

// execute executes a line of input.
func execute(line string) {
	mu.Lock()
	defer mu.Unlock()
	if f := strings.Fields(line); f[0] == "clear" {
		rules = nil
	} else {
		r := &rule{f[0], f[1], f[2], -1}
		if len(f) > 3 {
			r.times, _ = strconv.Atoi(f[3])
		}
		rules = append([]*rule{r}, rules...) // the last one wins
	}
	close(changed)
	changed = make(chan struct{})
}

func main() {
	root := &fs.LoopbackRoot{Path: os.Args[2]}
	root.NewNode = func(
		data *fs.LoopbackRoot, _ *fs.Inode, _ string, _ *syscall.Stat_t,
	) fs.InodeEmbedder {
		return &node{fs.LoopbackNode{RootData: data}}
	}
	top := &node{fs.LoopbackNode{RootData: root}}
	root.RootNode = top
	none := time.Duration(0) // the kernel must not cache names either
	server, err := fs.Mount(os.Args[1], top, &fs.Options{
		EntryTimeout: &none, AttrTimeout: &none, NegativeTimeout: &none,
		MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "faultfs"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ok")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); fmt.Println("ok") {
		execute(lines.Text())
	}
	execute("clear")
	if server.Unmount() != nil { // something is still open
		syscall.Unmount(os.Args[1], syscall.MNT_DETACH)
	}
}
