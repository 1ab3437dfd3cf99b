package source

import (
	"syscall"
	"unsafe"
)

// DiskErrors are the system's errors if a disk or a file system cannot deliver a file,
// temporarily or permanently: bad sectors, damaged structures, a server that has lost
// the handle.
var DiskErrors = []error{
	syscall.EIO, syscall.ESTALE, syscall.EREMOTEIO, syscall.EUCLEAN, syscall.EBADMSG,
	syscall.ENODATA,
}

// dirReader calls the system directly: package os would allocate for each file.
type dirReader struct {
	root string
	path []byte
	stat syscall.Stat_t
	head [HeadBytes]byte
}

func (r *dirReader) Read(name string, buf []byte, admit Admit) ([]byte, error) {
	fd, err := r.open(name)
	if err != nil {
		return buf, err
	}
	defer syscall.Close(fd)
	if r.stat.Size > LargeFile {
		n, err := syscall.Pread(fd, r.head[:], 0)
		if err == nil {
			err = admit(r.stat.Size, r.head[:n])
		}
		if err != nil {
			return buf, err
		}
	}
	buf = grow(buf, r.stat.Size)
	for n := 0; ; {
		k, err := syscall.Read(fd, buf[n:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return buf, err
		case k == 0:
			return buf[:n], nil
		default:
			if n += k; n == len(buf) { // the file has grown since
				if n > LargeFile {
					copy(r.head[:], buf)
					if err := admit(int64(n), r.head[:]); err != nil {
						return buf, err
					}
				}
				buf = append(buf, 0)
				buf = buf[:cap(buf)]
			}
		}
	}
}

// Head returns nothing for a file of size 0, as that of system files such as
// /proc/kmsg, because reading them may block.
func (r *dirReader) Head(name string, buf []byte, n int) ([]byte, int64, error) {
	fd, err := r.open(name)
	if err != nil {
		return buf, 0, err
	}
	defer syscall.Close(fd)
	if r.stat.Size == 0 {
		return buf[:0], 0, nil
	}
	buf = grow(buf, int64(n))[:n]
	for at := 0; at < n; {
		k, err := syscall.Read(fd, buf[at:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return buf, 0, err
		case k == 0:
			return buf[:at], int64(at), nil
		default:
			at += k
		}
	}
	return buf, max(r.stat.Size, int64(n)), nil
}

func (r *dirReader) Prefetch(name string) {
	const willNeed = 3 // POSIX_FADV_WILLNEED
	if fd, err := r.open(name); err == nil {
		syscall.Syscall6(syscall.SYS_FADVISE64, uintptr(fd), 0, 0, willNeed, 0, 0)
		syscall.Close(fd)
	}
}

// open opens a regular file, and fills r.stat. O_NONBLOCK makes opening a pipe return
// at once.
func (r *dirReader) open(name string) (int, error) {
	r.path = append(append(append(append(r.path[:0], r.root...), '/'), name...), 0)
	fd, err := r.openPath()
	if err != nil {
		return 0, err
	}
	err = syscall.Fstat(fd, &r.stat)
	if kind := r.stat.Mode & syscall.S_IFMT; err == nil && kind != syscall.S_IFREG {
		err = errNotRegular(fileTypes[kind])
	}
	if err != nil {
		syscall.Close(fd)
	}
	return fd, err
}

func (r *dirReader) openPath() (int, error) {
	const workingDir = -100 // AT_FDCWD
	dir := workingDir
	for {
		fd, _, errno := syscall.Syscall6(syscall.SYS_OPENAT, uintptr(dir),
			uintptr(unsafe.Pointer(&r.path[0])),
			syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK|syscall.O_LARGEFILE, 0, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case syscall.EINTR:
			continue
		}
		return 0, errno
	}
}

var fileTypes = map[uint32]string{
	syscall.S_IFDIR: "a directory", syscall.S_IFIFO: "a pipe", syscall.S_IFCHR: "a device",
	syscall.S_IFBLK: "a device", syscall.S_IFSOCK: "a socket",
}
