// Command gdcp copies trees in parallel. help.go says what it does for a user;
// this is how it is put together.
//
//	main.go      the process: signals, umask, exit code
//	run.go       one run: what is said and done, in which order, and its code
//	options.go   the command line; usage.go says what is wrong with it
//	wire.go      which launcher, network and handler make a job
//	observer.go  what rank 0 says while the job runs
//	banner.go    what is said before it
//	summary.go   and after it, for people
//	stats.go     and for programs
//
// A run:
//
//  1. look who started this process (launch.Detect): only rank 0 speaks
//  2. read the command line. A mistake ends all ranks: each sees the same
//  3. meet the other ranks (launch.Join), which brings their addresses
//  4. run the job (circle.Run with copier.Job as its handler). Rank 0 opens the
//     files for errors and figures, plans, and prints the banner, before any
//     rank touches anything; a refusal ends all ranks
//  5. rank 0 prints the summary and writes the figures, also after a signal
//  6. the exit code of the job is rank 0's. Other ranks exit with 0 unless they
//     themselves are in trouble, since launchers make noise about each one
//     that does not
package main
