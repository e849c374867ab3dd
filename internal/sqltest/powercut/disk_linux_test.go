package powercut

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// pageSize is that of what is kept or lost as a whole.
const pageSize = 4096

// A disk is a folder in memory. Names are there at once; of the content, what a
// program has synced is apart from what it has only written.
type disk struct {
	fs.Inode
	mu    sync.Mutex
	files map[string]*file
	dead  bool          // the power is cut
	over  chan struct{} // closed when no program is left
}

// file is one of a disk.
type file struct {
	fs.Inode
	disk   *disk
	now    []byte
	synced []byte
	dirty  map[int]bool // pages of now that are not synced
}

// newDisk makes a disk with files.
func newDisk(images map[string][]byte) *disk {
	d := &disk{files: make(map[string]*file), over: make(chan struct{})}
	for name, content := range images {
		d.files[name] = &file{disk: d, now: bytes.Clone(content), synced: content, dirty: make(map[int]bool)}
	}
	return d
}

// mount shows the disk at a folder.
func (d *disk) mount(dir string) (*fuse.Server, error) {
	return fs.Mount(dir, d, &fs.Options{MountOptions: fuse.MountOptions{
		DirectMountStrict: true, FsName: "powercut", DisableXAttrs: true, MaxWrite: 1 << 17}})
}

// cut ends the power, and gives what is on the disk afterwards: what was synced,
// and of the other pages each with a chance of keep.
func (d *disk) cut(keep float64, rng *rand.Rand) map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	images := make(map[string][]byte)
	for name, f := range d.files {
		for _, page := range slices.Sorted(maps.Keys(f.dirty)) {
			if rng.Float64() < keep {
				f.save(page)
			}
		}
		images[name] = f.synced
	}
	return images
}

// use takes the disk for a call of a program, and gives what ends that. After
// the cut the program comes no further: it hears nothing until it has ended.
func (d *disk) use() (done func()) {
	d.mu.Lock()
	if d.dead {
		d.mu.Unlock()
		<-d.over
		d.mu.Lock()
	}
	return d.mu.Unlock
}

// save makes a page one that was synced.
func (f *file) save(page int) {
	from := page * pageSize
	if from >= len(f.now) {
		return
	}
	to := min(from+pageSize, len(f.now))
	if len(f.synced) < to {
		f.synced = append(f.synced, make([]byte, to-len(f.synced))...)
	}
	copy(f.synced[from:to], f.now[from:to])
}

// OnAdd shows the files that are there from the start.
func (d *disk) OnAdd(ctx context.Context) {
	for name, f := range d.files {
		d.AddChild(name, d.NewPersistentInode(ctx, f, fs.StableAttr{Mode: syscall.S_IFREG}), true)
	}
}

func (d *disk) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Mode = 0o777
	return 0
}

func (d *disk) Create(ctx context.Context, name string, _, _ uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	defer d.use()()
	if d.dead {
		return nil, nil, 0, syscall.EIO
	}
	f := &file{disk: d, dirty: make(map[int]bool)}
	d.files[name] = f
	out.Mode = 0o666
	return d.NewPersistentInode(ctx, f, fs.StableAttr{Mode: syscall.S_IFREG}), nil, 0, 0
}

func (d *disk) Unlink(_ context.Context, name string) syscall.Errno {
	defer d.use()()
	if d.dead {
		return syscall.EIO
	}
	delete(d.files, name)
	return 0
}

func (d *disk) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno { return 0 }

func (f *file) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, 0, 0
}

func (f *file) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	out.Mode, out.Size, out.Blksize = 0o666, uint64(len(f.now)), pageSize
	return 0
}

func (f *file) Setattr(ctx context.Context, h fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		if errno := f.resize(int(size)); errno != 0 {
			return errno
		}
	}
	return f.Getattr(ctx, h, out)
}

func (f *file) resize(size int) syscall.Errno {
	defer f.disk.use()()
	if f.disk.dead {
		return syscall.EIO
	}
	if size < len(f.now) {
		clear(f.now[size:])
		f.now = f.now[:size]
	} else {
		f.now = append(f.now, make([]byte, size-len(f.now))...)
	}
	f.dirty[size/pageSize] = true
	return 0
}

func (f *file) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	defer f.disk.use()()
	if f.disk.dead {
		return nil, syscall.EIO
	}
	if off >= int64(len(f.now)) {
		return fuse.ReadResultData(nil), 0
	}
	return fuse.ReadResultData(dest[:copy(dest, f.now[off:])]), 0
}

func (f *file) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	defer f.disk.use()()
	if f.disk.dead {
		return 0, syscall.EIO
	}
	from, to := int(off), int(off)+len(data)
	if len(f.now) < to {
		f.now = append(f.now, make([]byte, to-len(f.now))...)
	}
	copy(f.now[from:to], data)
	for page := from / pageSize; page*pageSize < to; page++ {
		f.dirty[page] = true
	}
	return uint32(len(data)), 0
}

func (f *file) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	defer f.disk.use()()
	if f.disk.dead {
		return syscall.EIO
	}
	if len(f.synced) > len(f.now) {
		f.synced = f.synced[:len(f.now)]
	}
	for page := range f.dirty {
		f.save(page)
	}
	if missing := len(f.now) - len(f.synced); missing > 0 {
		f.synced = append(f.synced, make([]byte, missing)...)
	}
	clear(f.dirty)
	return 0
}

// copy gives what programs see in the files, but for the memory that those of
// one machine share (-shm), which SQLite makes anew.
func (d *disk) copy() map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	images := make(map[string][]byte)
	for name, f := range d.files {
		if !strings.HasSuffix(name, "-shm") {
			images[name] = bytes.Clone(f.now)
		}
	}
	return images
}
