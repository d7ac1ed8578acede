// Package launch tells a process which rank of which job it is, and introduces
// the ranks to each other, under whatever launcher has started them: Open MPI's
// mpirun, MPICH's and Intel MPI's mpiexec, Slurm's srun, a person with ssh, or
// nobody.
//
// Launchers are used, the MPI library is not: a rank that waits within libmpi
// burns a core. So the ranks meet once, each publishes a card (its endpoints, for
// whoever connects them then), all get everybody's and the job's secret, and say
// goodbye to the launcher. From then on they are on their own.
//
// # Words
//
// A launcher starts processes and tells each, in its environment, which of how
// many it is.
//
// A situation is what the environment alone tells. Detect finds it out; it is a
// pure function of the variables.
//
// A way (Kind) is how the ranks meet: over PMI-1, PMIx, libmpi, a rendezvous; or
// a rank is alone.
//
// A record is what a rank publishes: its card, its node, and, of rank 0, the name
// and the secret of the job.
//
// A node is one running kernel, one network and one host name (node.go says why).
//
// # Join
//
//  1. Detect, from the environment, in this order:
//     GDCP_RANK and GDCP_SIZE (a person): rendezvous.
//     OMPI_COMM_WORLD_RANK (Open MPI): PMIx if it is there, else libmpi.
//     PMI_FD and PMI_RANK (hydra, Intel MPI, srun --mpi=pmi2, Flux): PMI-1.
//     PMIX_RANK and PMIX_NAMESPACE (srun --mpi=pmix, PRRTE): PMIx.
//     a step of Slurm without a PMI: rendezvous, or an error that says what to do.
//     the variables of a launcher that none of these is: libmpi.
//     else alone. A size of 1 is alone, too.
//     GDCP_LAUNCH overrides: alone, pmi, pmix, libmpi, rendezvous.
//  2. Go that way. If it needs a library that cannot be opened, and nobody has
//     said which way to go: from PMIx to libmpi, from there to a rendezvous if
//     GDCP_RENDEZVOUS names one.
//  3. Publish the record, get all others, say goodbye.
//  4. Number the nodes.
//
// The order gets around what launchers leave in the environment. Within a batch
// script, SLURM_PROCID and SLURM_NTASKS are set where there is a single process:
// only a step counts. Under mpirun within Slurm, they are those of mpirun's
// daemon. A step within a step inherits the outer one's PMI_FD and PMIX_RANK,
// which name another step.
//
// # Ways
//
// PMI-1 is spoken here in plain Go. PMIx and libmpi are opened at run time with
// cgo: neither is needed to build, nor on a machine where the way is not gone.
// GDCP_LIBPMIX and GDCP_LIBMPI say where they are. Both are finalized before Join
// returns, which ends their threads; the handlers of signals that they set are
// undone.
//
// A rendezvous is for srun --mpi=none and for ranks that were started by hand.
// GDCP_RENDEZVOUS is the absolute path of a directory that all ranks see and only
// their user may enter (it is made if it is not there); or host:port, where rank
// 0 listens. In the latter case GDCP_SECRET_FILE names a file with a secret; both
// ends prove that they know it, and the records are encrypted (channel.go).
//
// The secret of the job travels as safely as the way is: within the launcher's own
// connections, or in a private directory, or encrypted.
//
// All ways are limited in time: 60 seconds, or GDCP_LAUNCH_TIMEOUT. A rendezvous
// knows which ranks did not come; a launcher tells only that some did not.
//
// # Usage errors
//
// A rank that ends before Join calls Leave:
//
//	s, err := launch.Detect(os.Getenv)
//	if usage is wrong, or err != nil {
//		if s.Speaks() { print what is wrong }
//		launch.Leave(ctx, launch.Env{})
//		exit 1
//	}
//
// Open MPI 4.1's mpirun waits for ever if 32 ranks or more exit that have never
// called PMIx_Init. And it kills all ranks as soon as one exits with a code that
// is not 0, so rank 0 must have printed its message: Leave is a barrier.
//
// # Afterwards
//
// What the launchers do when a rank ends badly after Join (all of this is held by
// TestRankFailsLater and TestSlurm, but for the options in parentheses):
//
//	                 a rank exits with 7          a rank is killed
//	mpirun (4.1)     kills the others, exits 7    kills the others, exits 137
//	mpiexec.hydra    others live on, exits 7      mostly kills the others, exits 9
//	srun             others live on, exits 7      others live on, exits 137
//
// (Open MPI with --mca orte_abort_on_non_zero_status 0 lets the others live when
// one exits, but then exits 0 itself; and when one is killed it never ends, seen
// with 4.1.4. Hydra 4.0.2 with -disable-auto-cleanup kills the others all the same.
// srun with --kill-on-bad-exit=1 kills them.)
//
// A rank must not count on any of it: whoever connects the ranks notices who is
// gone.
package launch
