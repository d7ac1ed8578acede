package main

// help is what --help prints. The manual page docs/gdcp.1 is made of it (see
// package manual for what that asks of its form), and a test holds the options
// against those that are accepted.
const help = `gdcp - copy trees in parallel, on one machine or on many

Usage:
  gdcp [OPTION]... SRC... DEST
  mpirun -np N gdcp [OPTION]... SRC... DEST
  srun -n N gdcp [OPTION]... SRC... DEST

Copies directories with all that is in them: files, symbolic links, fifos,
sockets and devices, with their owners, modes, times to the nanosecond,
extended attributes and ACLs. In this version each name of a file with several
hard links becomes a file of its own, and holes are filled.
Under a launcher (Open MPI, MPICH, Intel MPI, Slurm) all ranks share the work;
every node must have SRC and DEST mounted.

SRC and DEST:
  DEST does not exist: it becomes the copy of SRC. Its parent must exist.
  DEST is a directory: SRC is copied into it under its own name; if SRC ends in
  a slash, what is in SRC is copied into it. So "gdcp old/ new/" can be repeated
  and always means the same. Files that exist are overwritten.

What is copied:
  -p, --preserve[=LIST]      preserve what LIST says: mode, ownership,
                             timestamps, xattr, acl, or all (the default),
                             separated by commas
      --no-preserve=LIST     do not preserve these
  -X, --xattrs WHICH         which extended attributes: none, all, non-lustre
                             (the default: all but Lustre's own), or libattr
                             (as /etc/xattr.conf says)
  -L, --dereference          copy what symbolic links point to
  -P, --no-dereference       copy symbolic links as links (the default)
  -T, --no-target-directory  DEST is the copy's name, even if it is a directory
  -n, --dry-run              print what would be done, and do nothing

How it is copied:
  -w, --workers N            copy N things at a time on each rank (default 8)
  -b, --bufsize SIZE         buffer of each worker (default 1M)
  -k, --chunksize SIZE       length of the segments in which large files are
                             copied, a multiple of 4K (default: by the size of
                             the file and the number of ranks)
      --net WHICH            network between the ranks: an interface (ib0) or
                             an address prefix (10.1.0.0/16); default: the
                             fastest, InfiniBand first

What is said:
  -v, --verbose              print each path that is copied
  -q, --quiet                print problems and nothing else
      --progress N           print progress every N seconds, 0 for never
                             (default 1 on a terminal, 10 elsewhere)
      --errors FILE          append each problem to FILE, a line of JSON each
      --stats FILE           write counts, times and rates to FILE, as JSON
      --help                 print this text
      --version              print the version

SIZE is a number of bytes: 65536, 64K, 64KiB (powers of two), 64KB (of ten).

Exit status:
  0    everything is copied, and durable
  1    called wrongly, or nothing could start; nothing was copied
  23   some paths are not, or not wholly, copied; all others are
  24   some sources vanished or changed meanwhile; all others are copied
  130  stopped by SIGINT. A second signal stops at once
  143  stopped by SIGTERM

A file that is not completely copied never has its source's modification time.

Examples:
  gdcp /old/ /new/
  mpirun -np 16 gdcp --errors failed.json /scratch/run7 /archive/
  srun -N 4 --ntasks-per-node=2 --mpi=pmi2 gdcp --stats stats.json /old/ /new/
`
